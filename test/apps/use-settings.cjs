const { context, logs, metrics, propagation, trace } = require('@opentelemetry/api')

// Something of everything that a setting can change. Arguments: how many spans and log records more, and how long to live (ms).
const [more = '0', livesMs = '0'] = process.argv.slice(2)
const tracer = trace.getTracer('walk')
const logger = logs.getLogger('walk')
const attributes = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`k${index}`, 'x'.repeat(40)]))

const linked = tracer.startSpan('linked')
linked.end()
const links = Array.from({ length: 4 }, () => ({ context: linked.spanContext(), attributes }))
const root = tracer.startSpan('root', { attributes, links })
for (let index = 0; index < 4; index++) root.addEvent('event', attributes)
const inRoot = trace.setSpan(context.active(), root)
context.with(inRoot, () => logger.emit({ body: 'record', attributes }))
root.end()
for (let index = 0; index < Number(more); index++) {
  tracer.startSpan('more').end()
  logger.emit({ body: 'more' })
}
metrics.getMeter('walk').createCounter('walk.counter').add(1)

const headers = {}
propagation.inject(inRoot, headers)
console.log(JSON.stringify(Object.keys(headers)))
setTimeout(() => {}, Number(livesMs))
