// Sends requests until it is ended. On request of the benchmark, it reports its CPU time, its memory and the number of
// responses.
const CONCURRENCY = 16
let answered = 0

exports.repeat = (request) => {
  process.on('message', ({ port }) => {
    if (port !== undefined) for (let i = 0; i < CONCURRENCY; i++) void again(port)
    else process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss(), answered })
  })
  process.on('disconnect', () => process.exit())
  process.send({ isReady: true })

  async function again(port) {
    for (;;) {
      await request(port)
      answered += 1
    }
  }
}
