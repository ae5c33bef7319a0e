import { createServer } from 'node:http'
import { logs, metrics, trace } from '@opentelemetry/api'

// Attributes whose names are those of properties that every object inherits, in each place that attributes have.
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
const tracer = trace.getTracer('names')
const counter = metrics.getMeter('names').createCounter('names.counted')
const histogram = metrics.getMeter('names').createHistogram('names.recorded')

const named = (value) => Object.fromEntries(NAMES.map((name) => [name, value]))

const server = createServer((request, response) => {
  const linked = tracer.startSpan('linked')
  linked.end()
  const span = tracer.startSpan('named', { attributes: named('at the start') })
  span.setAttribute('map', named('in a map'))
  span.addEvent('named', named('of an event'))
  span.addLink({ context: linked.spanContext(), attributes: named('of a link') })
  span.end()
  const later = tracer.startSpan('named later')
  for (const name of NAMES) later.setAttribute(name, 'set')
  later.end()
  const together = tracer.startSpan('named together')
  together.setAttributes(named('set together'))
  together.end()
  // A value that would become the prototype of what holds it.
  const ofAnObject = tracer.startSpan('named as an object')
  ofAnObject.setAttribute('__proto__', { 'db.query.text': "SELECT 'secret'" })
  ofAnObject.end()
  const served = trace.getActiveSpan()
  for (const name of NAMES) served.setAttribute(name, 'of a request')
  counter.add(1, named('counted'))
  histogram.record(1, named('recorded'))
  logs.getLogger('names').emit({ body: 'named', attributes: named('logged') })
  response.end(JSON.stringify(NAMES.map((name) => typeof Object.prototype[name])))
})
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`)
})
