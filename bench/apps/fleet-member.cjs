/** A process with `SERIES` series of its own, which reports the delay of its event loop. */
const { monitorEventLoopDelay } = require('node:perf_hooks')
const { metrics } = require('@opentelemetry/api')

const BUCKETS = 17
const series = Number(process.env.SERIES ?? 0)
const meter = metrics.getMeter('bench')
const counter = meter.createCounter('shop.events')
const histogram = meter.createHistogram('shop.duration', { unit: 's' })
const sets = Math.floor(series / 2)
for (let i = 0; i < sets; i++) counter.add(1, { method: 'GET', route: `/shop/items/${i}/:id`, status: '200' })
for (let i = 0; i < series / 2 / BUCKETS; i++) histogram.record(0.3, { method: 'GET', route: `/shop/items/${i}/:id` })

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

if (process.send === undefined) {
  // Waits for the side port to open; the app itself does not wait for it.
  setTimeout(() => {
    console.log(JSON.stringify({ cpuMs: cpuMs(), loopMs: performance.eventLoopUtilization().active }))
  }, 250)
} else {
  // Samples every millisecond, at little cost. The reported delay includes that millisecond.
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  process.on('message', (message) => {
    process.send({ longestMs: delays.max / 1e6 - 1, cpuMs: cpuMs() })
    if (message === 'watch') setImmediate(() => delays.reset())
  })
  process.send('ready')
}
