import { createServer } from 'node:http'
import { trace } from '@opentelemetry/api'

// One request that makes 5,000 spans before anything can be sent.
const tracer = trace.getTracer('resolvers')
const server = createServer((request, response) => {
  for (let at = 0; at < 5_000; at++) tracer.startSpan(`resolve ${at}`, { attributes: { text: 'x'.repeat(500) } }).end()
  response.end()
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
