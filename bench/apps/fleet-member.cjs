/** A process with so many series of its own (`SERIES`), which tells how long its event loop was held up. */
const { metrics } = require('@opentelemetry/api')

const BUCKETS = 17
const series = Number(process.env.SERIES ?? 0)
const meter = metrics.getMeter('bench')
const counter = meter.createCounter('shop.events')
const histogram = meter.createHistogram('shop.duration', { unit: 's' })
const sets = Math.floor(series / 2)
for (let i = 0; i < sets; i++) counter.add(1, { method: 'GET', route: `/shop/items/${i}/:id`, status: '200' })
for (let i = 0; i < series / 2 / BUCKETS; i++) histogram.record(0.3, { method: 'GET', route: `/shop/items/${i}/:id` })

if (process.send === undefined) {
  // Long enough for the side port; nothing of it is waiting.
  setTimeout(() => {
    const { user, system } = process.cpuUsage()
    console.log(user + system)
  }, 250)
} else {
  let longestMs = 0
  let last = performance.now()
  let isWatching = false
  const turn = () => {
    const now = performance.now()
    longestMs = Math.max(longestMs, now - last)
    last = now
    if (isWatching) setImmediate(turn)
  }
  process.on('message', (message) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage()
      return process.send({ cpuMs: (user + system) / 1000 })
    }
    isWatching = message === 'watch'
    if (!isWatching) return process.send({ longestMs })
    longestMs = 0
    last = performance.now()
    turn()
    process.send('watching')
  })
  process.send('ready')
}
