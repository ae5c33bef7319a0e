import { metrics, trace } from '@opentelemetry/api'

/** Ends 1,000 spans, and stays until it is signalled. `THROWS`: what a callback of its own throws. */
const { THROWS } = process.env
const tracer = trace.getTracer('app')
metrics
  .getMeter('app')
  .createObservableGauge('app.gauge')
  .addCallback(() => {
    if (THROWS !== undefined) throw new Error(THROWS)
  })
for (let index = 0; index < 1000; index++) tracer.startSpan('span').end()
setTimeout(() => {}, 60_000)
console.log('ready')
