import { trace } from '@opentelemetry/api'

// Makes spans for three seconds, then ends itself.
const tracer = trace.getTracer('spans-and-exit')
setInterval(() => tracer.startSpan('work').end(), 100)
setTimeout(() => process.exit(0), 3000)
