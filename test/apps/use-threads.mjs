/** Worker threads of every shape that the arguments name, each of which ends three spans. Runs under bare Node as well. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, SHARE_ENV, Worker, workerData } from 'node:worker_threads'

const CODE = `
  const { trace } = require('@opentelemetry/api')
  const { parentPort, workerData } = require('node:worker_threads')
  for (let span = 0; span < 3; span++) trace.getTracer('threads').startSpan('in a thread').end()`
const WITH_PRELOADS = process.execArgv
const evaluated = (code, options) => new Worker(`${CODE}\n${code}`, { eval: true, ...options })
/** Tells all that the app can see of it. */
const watched = async (worker) => {
  worker.on('message', (message) => console.log('message', message))
  worker.on('error', (error) => console.log('error', error.message))
  const [code] = await once(worker, 'exit')
  console.log('exit', code)
}

const SHAPES = {
  'a file': () => watched(new Worker(fileURLToPath(import.meta.url), { workerData: 'file' })),
  'eval: true': () => watched(evaluated("parentPort.postMessage('hello')")),
  'execArgv: []': () => watched(evaluated('', { execArgv: [] })),
  'execArgv of its own': () => watched(evaluated('', { execArgv: [...WITH_PRELOADS, '--no-warnings'] })),
  'env: SHARE_ENV': () => watched(evaluated('', { env: SHARE_ENV })),
  'env of its own': () => watched(evaluated('parentPort.postMessage(Object.keys(process.env))', { env: { A: 'b' } })),
  'env that switches off': () => watched(evaluated('', { env: { OTEL_SDK_DISABLED: 'true' } })),
  resourceLimits: () => watched(evaluated('', { resourceLimits: { maxOldGenerationSizeMb: 32, stackSizeMb: 2 } })),
  'stdio of its own': async () => {
    const worker = evaluated("console.log('out'); console.error('err')", { stdin: true, stdout: true, stderr: true })
    worker.stdout.on('data', (data) => console.log(`stdout ${data}`.trim()))
    worker.stderr.on('data', (data) => console.log(`stderr ${data}`.trim()))
    await watched(worker)
  },
  'process.exit() at once': () => watched(evaluated('process.exit(3)')),
  'process.exit() later': () => watched(evaluated('setTimeout(() => process.exit(4), 10)')),
  'a span in its exit listener': () =>
    watched(evaluated("process.on('exit', () => trace.getTracer('threads').startSpan('late').end())")),
  'an exception': () => watched(evaluated("throw new Error('thrown')")),
  'a rejection': () => watched(evaluated("Promise.reject(new Error('rejected'))")),
  'terminate()': async () => {
    const worker = evaluated("setImmediate(() => parentPort.postMessage('done')); setInterval(() => {}, 1000)")
    worker.once('message', () => worker.terminate())
    await watched(worker)
  },
  'terminate() while it waits': async () => {
    const wait = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'
    const worker = evaluated(`Promise.resolve().then(() => { parentPort.postMessage('done'); ${wait} })`)
    worker.once('message', () => worker.terminate())
    await watched(worker)
  },
  'the end of the process': async () => {
    const worker = evaluated("setImmediate(() => parentPort.postMessage('done')); setInterval(() => {}, 1000)")
    worker.once('message', () => process.exit(5))
    await watched(worker)
  },
  'unref()': async () => {
    const worker = evaluated("setImmediate(() => parentPort.postMessage('done')); setInterval(() => {}, 1000)")
    await once(worker, 'message')
    worker.unref()
  },
  'a thread of a thread': () =>
    watched(
      evaluated(`
        const { Worker } = require('node:worker_threads')
        const code = ${JSON.stringify(CODE)} + "; setTimeout(() => {}, 50)"
        new Worker(code, { eval: true }).on('exit', (code) => parentPort.postMessage(code))`),
    ),
  'many at once': () => Promise.all(Array.from({ length: 6 }, () => watched(evaluated('')))),
  'a flush': () =>
    watched(
      evaluated(`require('@paxx/obs').forceFlush(10000).then((ok) => parentPort.postMessage(ok))`, {
        env: process.env,
      }),
    ),
  'one that loads nothing': () => watched(new Worker("require('node:path')", { eval: true })),
  'what can be heard': async () => {
    process.on('workerMessage', (message) => console.log('workerMessage', message))
    process.on('newListener', (event) => console.log('newListener', event))
    const worker = evaluated(`
      parentPort.on('message', (message) => { parentPort.postMessage([message, process.listenerCount('exit')]); parentPort.close() })
      parentPort.postMessage([process.listenerCount('exit'), process.getActiveResourcesInfo().length, workerData])`)
    worker.postMessage('from main')
    await watched(worker)
  },
}

if (isMainThread) {
  for (const shape of process.argv.slice(2)) {
    console.log(shape)
    await SHAPES[shape]()
  }
} else if (workerData === 'file') {
  const { trace } = await import('@opentelemetry/api')
  for (let span = 0; span < 3; span++) trace.getTracer('threads').startSpan('in a thread').end()
  parentPort.postMessage('hello')
}
