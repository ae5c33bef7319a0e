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

/** Spans of the app, and what it writes into the span of the request. */
function ownSpans(url) {
  const attributes = {
    'url.full': url,
    'db.query.text': LITERAL,
    'http.request.header.authorization': `Bearer ${SECRET}`,
  }
  trace.getActiveSpan().setAttributes(attributes).addEvent(`called ${url}`, attributes)
  const own = trace.getTracer('the app', '1.0.0', { schemaUrl: 'https://opentelemetry.io/schemas/1.40.0' })
  own.startActiveSpan(
    `call ${url}`,
    { attributes, links: [{ context: trace.getActiveSpan().spanContext(), attributes }] },
    (span) => {
      try {
        throw new Error(`cannot call ${url.replace(/;[^?]*/, '')}`)
      } catch (error) {
        span.recordException(error)
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message }).end()
      }
    },
  )
  trace.getTracer(`library of ${url}`, `1.0.0 of ${url}`, { schemaUrl: url }).startSpan('scoped').end()
}

const server = createServer(async (request, response) => {
  for (const url of URLS) tracesItself(url)
  for (const url of URLS) ownSpans(url)
  queriesItself()
  const { port } = server.address()
  if (!request.url.startsWith('/inner')) await (await fetch(`http://127.0.0.1:${port}/inner?token=${SECRET}`)).text()
  response.end()
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
