// Pino in worker threads of its own, asked by the main thread and by a worker thread of the app.
const pino = require('pino')
const { trace } = require('@opentelemetry/api')
const { isMainThread, Worker } = require('node:worker_threads')

const destination = `${process.argv[2]}/${isMainThread ? 'main' : 'thread'}`
const file = (name, level) => ({ target: 'pino/file', level, options: { destination: destination + name } })
const several = pino({ transport: { targets: [file('.all', 'info'), file('.errors', 'error')] } })
const one = pino({ transport: file('.one') })

trace.getTracer('logs').startActiveSpan('work', (span) => {
  several.info({ order: 7 }, 'info')
  several.child({ part: 'x' }).error(new Error('boom'), 'error')
  one.warn('%s', 'warn')
  console.log('console')
  span.end()
})
const worker = isMainThread ? new Worker(__filename, { argv: process.argv.slice(2) }) : undefined
worker?.on('exit', (code) => (process.exitCode = code))
setTimeout(() => {}, 300)
