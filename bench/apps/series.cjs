// An app with 10,100 series. On request of the benchmark, it records in all of them and reports the longest turn of its
// event loop since the previous request.
const { metrics } = require('@opentelemetry/api')

const meter = metrics.getMeter('bench', '1.0.0')
const counters = Array.from({ length: 5 }, (_, i) => meter.createCounter(`shop.events.${i}`))
const histogram = meter.createHistogram('shop.duration', {
  unit: 's',
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
})

function record() {
  for (let i = 0; i < 1000; i++) {
    const attributes = {
      'http.request.method': 'GET',
      'http.route': `/shop/items/${i}/:id`,
      'http.response.status_code': 200,
    }
    for (const counter of counters) counter.add(1, attributes)
    if (i < 300) histogram.record(0.3, attributes)
  }
}

const now = () => {
  const { user, system } = process.threadCpuUsage()
  return { wallMs: performance.now(), cpuMs: (user + system) / 1000 }
}
let longestMs = 0
let last = now()

function turn() {
  const current = now()
  // The wall time grows with other load on the machine, the CPU time with other threads: the turn took about the
  // smaller of the two.
  longestMs = Math.max(longestMs, Math.min(current.wallMs - last.wallMs, current.cpuMs - last.cpuMs))
  last = now()
  setImmediate(turn)
}

process.on('disconnect', () => process.exit())
process.on('message', () => {
  const answer = { longestMs }
  record()
  longestMs = 0
  last = now()
  process.send(answer)
})
setTimeout(() => {
  turn()
  process.send({ port: 0 })
}, 1500)
