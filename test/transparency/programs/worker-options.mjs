// runs: with the whole matrix
// Worker threads with options of every kind: what they are given arrives, and what they print is theirs alone.
import { once } from 'node:events'
import { MessageChannel, SHARE_ENV, Worker } from 'node:worker_threads'
import { say } from '../say.cjs'

const CODE = `
  const { parentPort, workerData, isMainThread, resourceLimits } = require('node:worker_threads')
  process.stdout.write('printed by the worker')
  parentPort.postMessage([workerData, isMainThread, process.argv.slice(2), process.env.OWN ?? null, resourceLimits.maxOldGenerationSizeMb ?? null])
  parentPort.once('message', ({ port }) => { port.postMessage('through the port'); port.close() })
`
const own = Object.freeze({ nested: Object.freeze({ value: 1 }) })
process.env.OWN = 'of the process'
const OPTIONS = {
  plain: {},
  'own arguments': { argv: ['--own', 'x'], workerData: own, stdout: true },
  'no flags': { execArgv: [], stderr: true },
  'own environment': { env: { OWN: 'of the worker' } },
  'frozen environment': { env: Object.freeze({ OWN: 'frozen' }) },
  'shared environment': { env: SHARE_ENV, name: 'named' },
  limits: { resourceLimits: { maxOldGenerationSizeMb: 200 } },
}
for (const [name, options] of Object.entries(OPTIONS)) {
  const worker = new Worker(CODE, Object.freeze({ ...options, eval: true, stdout: true }))
  const exited = once(worker, 'exit')
  let printed = ''
  worker.stdout.setEncoding('utf8').on('data', (text) => (printed += text))
  const [message] = await once(worker, 'message')
  const { port1, port2 } = new MessageChannel()
  worker.postMessage({ port: port2 }, [port2])
  const [through] = await once(port1, 'message')
  const [code] = await exited
  say(name, message, through, code, printed, worker.eventNames().map(String))
}
for (const code of [
  'throw new RangeError("thrown")',
  'process.exit(5)',
  'not code',
  'Promise.reject(new Error("rejected"))',
]) {
  const worker = new Worker(code, { eval: true })
  worker.on('error', ({ name, message }) => say('error', name, message))
  say('ends', code, await once(worker, 'exit').catch(() => once(worker, 'exit')))
}
for (const wrong of [{ execArgv: ['--no-such-flag'] }, { env: 5 }, { argv: 'text' }, { execArgv: 'text' }]) {
  try {
    say('accepted', wrong, new Worker('', { eval: true, ...wrong }).threadId > 0)
  } catch (error) {
    say('refused', wrong, error.code)
  }
}
