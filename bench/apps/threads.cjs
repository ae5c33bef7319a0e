/** Starts `count` worker threads one after the other, and prints how long each took from its start to its end. */
const { isMainThread, Worker } = require('node:worker_threads')

const [, , work, count] = process.argv

if (isMainThread) measure()
else if (work === 'serve') serve()

async function measure() {
  const tookMs = []
  for (let i = 0; i < Number(count); i++) {
    const startedAt = performance.now()
    await new Promise((resolve, reject) => {
      new Worker(__filename, { argv: [work] }).on('error', reject).on('exit', resolve)
    })
    tookMs.push(performance.now() - startedAt)
  }
  process.stdout.write(JSON.stringify({ tookMs }))
}

function serve() {
  const { createServer, get } = require('node:http')
  const server = createServer((request, response) => response.end()).listen(0, '127.0.0.1', () => {
    get({ port: server.address().port, agent: false }, (response) => response.resume().on('end', () => server.close()))
  })
}
