import { createServer } from 'node:http'
import { trace } from '@opentelemetry/api'

// /fail answers 500, /slow after 300 ms, /crash ends the process, /spans/N makes N spans and never answers, /header says what goes to the next service.
const tracer = trace.getTracer('app')
const server = createServer(async (request, response) => {
  const [, what, argument] = request.url.split('/')
  tracer.startSpan(`work of ${what}`).end()
  if (what === 'spans') {
    for (let i = 0; i < Number(argument); i++) tracer.startSpan('one of many').end()
    response.write('made')
    return
  }
  if (what === 'crash') {
    setImmediate(() => {
      throw new Error('crash')
    })
    return
  }
  if (what === 'slow') await new Promise((resolve) => setTimeout(resolve, 300))
  if (what === 'header') {
    const { port } = server.address()
    const answer = await fetch(`http://127.0.0.1:${port}/echo`)
    response.end(await answer.text())
    return
  }
  response.statusCode = what === 'fail' ? 500 : 200
  response.end(what === 'echo' ? request.headers.traceparent : 'done')
})
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`)
})
