import { createServer } from 'node:http'
import { SpanKind, trace } from '@opentelemetry/api'

// What Next.js does through the API, and a library that traces itself.
const next = trace.getTracer('next.js', '0.0.1')
const prisma = trace.getTracer('prisma')

function handle(response, path) {
  const type = (name, more = {}) => ({ attributes: { 'next.span_type': name, 'next.span_name': path, ...more } })
  next.startActiveSpan(`GET ${path}`, { kind: SpanKind.SERVER, ...type('BaseServer.handleRequest') }, (outer) => {
    next.startActiveSpan('resolve page components', type('NextNodeServer.findPageComponents'), (span) => span.end())
    const rendering = type('AppRender.getBodyResult', path === '/shop' ? { 'next.route': '/shop/[id]' } : {})
    next.startActiveSpan(`render route (app) ${path}?token=hidden`, rendering, (span) => {
      next.startActiveSpan('fetch GET http://user:hidden@host/?token=hidden', type('AppRender.fetch'), (inner) => {
        trace.getTracer('app').startSpan('of the app').end()
        prisma.startActiveSpan('prisma:query', (query) => query.end())
        inner.recordException(new Error('hidden'))
        inner.end()
      })
      span.end()
    })
    if (path === '/api/old/7') {
      next.startActiveSpan('executing api route (pages) /api/old/[id]', type('Node.runHandler'), (span) => span.end())
    }
    if (path === '/late') outer.setAttributes({ 'http.route': '/late/[id]' })
    outer.end()
  })
  response.end('answered')
  const span = trace.getActiveSpan()
  response.on('close', () => setImmediate(() => span?.setAttribute('http.route', 'too late')))
}

const server = createServer((request, response) => handle(response, request.url.split('?')[0])).listen(
  0,
  '127.0.0.1',
  () => {
    console.log(`listening ${server.address().port}`)
  },
)
