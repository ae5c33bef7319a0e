import { createServer } from 'node:http'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

// What libraries that trace themselves write into their spans, with a secret wherever one may be.
const { SECRET } = process.env
const URLS = [`http://user:${SECRET}@127.0.0.1:9/path?token=${SECRET}`, `/path;sid=${SECRET}?token=${SECRET}&${SECRET}`]
const LITERAL = `select * from users where password = '${SECRET}'`
const tracer = trace.getTracer('a library')

function tracesItself(url) {
  const attributes = {
    'url.full': url,
    'http.url': url,
    'url.path': url,
    'http.target': url,
    'next.span_name': `GET ${url}`,
  }
  const span = tracer.startSpan(`fetch GET ${url}`, { kind: SpanKind.CLIENT, attributes })
  span.updateName(`fetch GET ${url}`)
  span.addEvent(`redirected to ${url}`, { 'url.full': url, 'url.query': `token=${SECRET}` })
  span.addLink({ context: span.spanContext(), attributes: { 'url.full': url } })
  span.recordException(new Error(`cannot fetch http://user:${SECRET}@127.0.0.1/`))
  span.setStatus({ code: SpanStatusCode.ERROR, message: `cannot fetch http://user:${SECRET}@127.0.0.1/` })
  span.end()
  tracer.startSpan(`GET ${url}`, { kind: SpanKind.SERVER, attributes: { 'http.route': '/path' } }).end()
}

function queriesItself() {
  const attributes = { 'db.system': 'postgresql', 'db.statement': LITERAL, 'db.query.text': LITERAL }
  tracer.startSpan('prisma:client:db_query', { kind: SpanKind.CLIENT, attributes }).end()
}

const server = createServer(async (request, response) => {
  for (const url of URLS) tracesItself(url)
  queriesItself()
  const { port } = server.address()
  if (!request.url.startsWith('/inner')) await (await fetch(`http://127.0.0.1:${port}/inner?token=${SECRET}`)).text()
  response.end()
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
