import { SpanKind, trace } from '@opentelemetry/api'
import express from 'express'

// What the page has to show: a fan-out over fetch, a statement in a loop, an error with markup in it, a very long trace.
const tracer = trace.getTracer('shop')
const app = express()
let port = 0

app.get('/users/:id', async (request, response) => {
  await fetch(`http://127.0.0.1:${port}/slow`)
  response.json({ id: request.params.id })
})
app.get('/slow', (_, response) => setTimeout(() => response.send('slow'), 20))
app.get('/n-plus-one', (_, response) => {
  for (let i = 0; i < 7; i++) query('SELECT * FROM items WHERE id = ?')
  response.send('done')
})
app.get('/boom', () => {
  throw new Error('<img src=x onerror="document.title=1">')
})
app.get('/hostile', (_, response) => {
  tracer.startSpan('<img src=x onerror="document.title=1"><script>1</script>').end()
  response.send('done')
})
app.get('/many', (_, response) => {
  for (let i = 0; i < 9_999; i++) tracer.startSpan(`span ${i}`).end()
  response.send('done')
})

// Never answered, so that its own span does not come; and more spans at once than a small queue holds.
app.get('/without-root', () => {
  for (let i = 0; i < 200; i++) tracer.startSpan(`child ${i}`).end()
})
app.get('/large', (request, response) => {
  tracer.startSpan('large', { attributes: { text: 'x'.repeat(1024 * Number(request.query.kilobytes)) } }).end()
  response.send('done')
})

function query(text) {
  tracer
    .startSpan('SELECT', {
      kind: SpanKind.CLIENT,
      attributes: { 'db.system.name': 'postgresql', 'db.query.text': text },
    })
    .end()
}

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  port = server.address().port
  console.log(`listening ${port}`)
})
