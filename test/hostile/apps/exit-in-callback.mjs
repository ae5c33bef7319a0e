import { metrics, trace } from '@opentelemetry/api'
import { logs } from '@opentelemetry/api-logs'

/** Has a callback that telemetry calls do what the first argument says; the second is when the process ends. */
const [does, ends] = process.argv.slice(2)
let calls = 0

const DOES = {
  exits: () => process.exit(3),
  kills: () => process.kill(process.pid, 'SIGTERM'),
  aborts: () => process.reallyExit(3),
  throws() {
    throw new Error('by the app')
  },
  never: () => new Promise(() => {}),
  rejects: () => Promise.reject(new Error('by the app')),
  'ends a span': () => trace.getTracer('app').startSpan('inside').end(),
  'makes instruments': () =>
    metrics.getMeter('app').createObservableGauge(`app.more.${calls++}`).addCallback(DOES['makes instruments']),
}

const meter = metrics.getMeter('app')
const gauge = meter.createObservableGauge('app.gauge')
gauge.addCallback(() => DOES[does]?.())
meter.addBatchObservableCallback(() => DOES[does]?.(), [gauge])
if (does === 'exits in a log record') {
  const body = {
    get text() {
      return process.exit(3)
    },
  }
  logs.getLogger('app').emit({ body })
}
if (does === 'exits in an attribute') {
  const value = {
    toString: () => process.exit(3),
    toJSON: () => process.exit(3),
    valueOf: () => process.exit(3),
    [Symbol.toPrimitive]: () => process.exit(3),
  }
  trace
    .getTracer('app')
    .startSpan('attribute', { attributes: { value, list: [value] } })
    .end()
}
trace.getTracer('app').startSpan('before').end()
console.log('ready')
if (ends === 'exit') process.exit(3)
if (ends === 'signal') process.kill(process.pid, 'SIGTERM')
if (ends === 'scrape') setTimeout(() => {}, 60_000)
process.exitCode = 3
