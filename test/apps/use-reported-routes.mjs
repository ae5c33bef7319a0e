import { SpanKind, trace } from '@opentelemetry/api'
import express from 'express'

// What frameworks that trace themselves do, and apps.
const tracer = trace.getTracer('a framework')
const route = { 'http.route': '/reported/[id]' }

const CASES = {
  '/at-start': () => tracer.startSpan('handle', { attributes: route }).end(),
  '/later': () => tracer.startActiveSpan('handle', (span) => span.setAttributes(route).end()),
  '/second-server-span': () =>
    tracer
      .startSpan('GET', { kind: SpanKind.SERVER })
      .setAttribute(...Object.entries(route)[0])
      .end(),
  '/server-span': () => trace.getActiveSpan().setAttributes(route),
  '/deep': () =>
    tracer.startActiveSpan('one', (one) =>
      tracer.startActiveSpan('two', (two) => (two.setAttributes(route).end(), one.end())),
    ),
  '/first-counts': () => {
    tracer.startSpan('handle', { attributes: route }).end()
    tracer.startSpan('handle', { attributes: { 'http.route': '/other' } }).end()
  },
  '/of-a-call': () => tracer.startSpan('GET', { kind: SpanKind.CLIENT, attributes: route }).setAttributes(route).end(),
  '/of-another-trace': () => tracer.startSpan('handle', { root: true, attributes: route }).setAttributes(route).end(),
  '/no-text': () => tracer.startSpan('handle', { attributes: { 'http.route': 7 } }).end(),
}

const app = express()
app.get('/named/:id', (_request, response) => {
  CASES['/at-start']()
  response.end()
})
/** The span of a request below `/rpc` gets the route of its operation. */
const OPERATIONS = { '/rpc/users.get': '/rpc/users.get', '/rpc/elsewhere': '/users.get', '/rpc/wider': '/rpc/*' }
app.all('/rpc/*rest', (request, response) => {
  trace.getActiveSpan().setAttribute('http.route', OPERATIONS[request.path])
  response.end()
})
app.all('/{*rest}', (request, response) => {
  CASES[request.path]?.()
  response.end()
})
const server = app.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
