import { createServer } from 'node:http'
import { metrics, SpanStatusCode, trace } from '@opentelemetry/api'

// A user's own telemetry through the API package alone: it joins what the preload records.
const tracer = trace.getTracer('checkout')
const orders = metrics.getMeter('checkout').createCounter('shop.orders', { description: 'Orders placed' })

const server = createServer((_request, response) => {
  tracer.startActiveSpan('place order', { attributes: { 'order.items': 3 } }, (span) => {
    orders.add(1, { 'order.kind': 'web' })
    span.addEvent('stock reserved')
    span.setStatus({ code: SpanStatusCode.OK })
    span.end()
    response.end('ordered')
  })
})
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`)
})
