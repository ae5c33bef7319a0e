import { describe, test } from 'node:test'
import { asBare, type Program } from '../support/as-bare.ts'
import { edgeNodeVersions, rowsOn } from '../support/matrix.ts'

interface Case extends Omit<Program, 'execPath'> {
  readonly name: string
}

/** A request and its answer, then `done`. */
const REQUEST = `
const http = require('node:http')
function request(done) {
  const server = http.createServer((request, response) => response.end('ok'))
  server.listen(0, '127.0.0.1', () => http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (response) => {
    response.resume()
    response.on('end', () => server.close(done))
  }))
}`

/** Node makes no threads there, and what the app's thread exports needs its event loop for a while. */
const NO_WORKER = [
  /the export worker could not be started \((?:ENOENT|Cannot assign).*\); exporting in the app's thread instead/,
]

/** What apps, frameworks and tests do to \`process\`. */
const CASES: readonly Case[] = [
  {
    name: 'process frozen at once',
    spans: 2,
    says: NO_WORKER,
    source: `${REQUEST}
      Object.freeze(process)
      request(() => setTimeout(() => console.log('done'), 1500))`,
  },
  {
    name: 'process frozen later, and ended by a signal',
    spans: 2,
    says: NO_WORKER,
    source: `${REQUEST}
      setTimeout(() => {
        Object.freeze(process)
        request(() => setTimeout(() => { console.log('done'); process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000) }, 1500))
      }, 100)`,
  },
  {
    name: 'process frozen, and an exception',
    spans: 2,
    says: NO_WORKER,
    source: `${REQUEST}
      Object.freeze(process)
      request(() => { console.log('done'); setTimeout(() => { throw new Error('of the app') }, 1500) })`,
  },
  {
    name: 'process sealed, and its functions replaced',
    source: `${REQUEST}
      process.emitWarning = () => {}
      process.hrtime = Object.assign(() => [0, 0], { bigint: () => 0n })
      process.uptime = process.memoryUsage = process.cpuUsage = process.getActiveResourcesInfo = () => { throw new Error('not here') }
      process.nextTick = () => { throw new Error('not here') }
      process.stderr.write = () => true
      Object.seal(process)
      setTimeout(() => http.get, 10)
      const { nextTick } = require('node:process')
      console.log(typeof nextTick)
      setTimeout(() => console.log('done'), 100)`,
  },
  {
    name: 'process.emit of signals that nobody listens to',
    spans: 2,
    source: `${REQUEST}
      setTimeout(() => {
        for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) console.log(signal, process.emit(signal, signal, 15), process.listenerCount(signal))
        process.once('SIGTERM', (...args) => console.log('heard', ...args))
        console.log(process.emit('SIGTERM', 'SIGTERM', 15), process.emit('SIGTERM', 'SIGTERM', 15))
        request(() => console.log('done'))
      }, 100)`,
  },
  {
    // Of `uncaughtExceptionMonitor` we have one: nothing else tells of an exception without changing how the process ends.
    name: 'listeners as the app counts them',
    source: `
      const counts = () => ['SIGTERM', 'SIGINT', 'SIGHUP', 'exit', 'beforeExit', 'uncaughtException', 'unhandledRejection', 'warning', 'newListener', 'removeListener', 'message', 'disconnect']
        .map((name) => name + ' ' + process.listenerCount(name) + ' ' + process.listeners(name).length + ' ' + process.rawListeners(name).length).join(', ')
      console.log(counts())
      setTimeout(() => {
        console.log(counts())
        console.log(process.eventNames().map(String).filter((name) => name !== 'uncaughtExceptionMonitor').sort().join())
        process.removeAllListeners('SIGTERM')
        process.on('SIGTERM', () => {})
        console.log(counts())
        process.removeAllListeners()
        console.log(counts())
      }, 100)`,
  },
  {
    name: 'listeners of exit that remove themselves and each other',
    spans: 2,
    source: `${REQUEST}
      const removed = () => console.log('never')
      process.once('exit', () => console.log('one'))
      process.on('exit', () => { console.log('two'); process.off('exit', removed) })
      process.once('exit', () => console.log('three'))
      process.once('exit', (code) => { console.log('four', code, process.listenerCount('exit') <= 4); process.on('exit', () => console.log('too late')) })
      process.on('exit', removed)
      process.on('exit', () => console.log('last'))
      request(() => console.log('done'))`,
  },
  {
    name: 'process.emit mocked',
    spans: 2,
    source: `${REQUEST}
      const { mock } = require('node:test')
      const mocked = mock.method(process, 'emit')
      process.emit('of the app', 1)
      console.log(mocked.mock.calls.map((call) => call.arguments))
      mocked.mock.restore()
      const { emit } = process
      console.log(emit.name, Object.getOwnPropertyNames(process).includes('emit'), Object.hasOwn(process, 'emit'))
      process.emit = function (...args) { if (args[0] !== 'worker') console.log('through mine', args[0]); return emit.apply(this, args) }
      request(() => { console.log('done') })`,
  },
  {
    name: 'functions of process as they are',
    source: `
      for (const name of ['emit', 'kill', '_kill', 'reallyExit', 'exit', 'on', 'getBuiltinModule', 'cwd', 'emitWarning', 'nextTick', 'abort', 'hrtime']) {
        const { value, get, set, ...rest } = Object.getOwnPropertyDescriptor(process, name) ?? {}
        console.log(name, process[name].name, process[name].length, typeof value, typeof get, JSON.stringify(rest))
      }
      console.log(Object.keys(process).sort().join())
      console.log(Object.getOwnPropertySymbols(globalThis).map(String).filter((name) => !name.includes('paxx') && !name.includes('opentelemetry')).join(), Object.keys(globalThis).join())`,
  },
  {
    name: 'a working directory that goes away',
    spans: 2,
    says: NO_WORKER,
    source: `${REQUEST}
      const fs = require('node:fs')
      fs.mkdirSync(__dirname + '/gone')
      process.chdir(__dirname + '/gone')
      fs.rmdirSync(__dirname + '/gone')
      try { process.cwd() } catch ({ code }) { console.log(code) }
      request(() => setTimeout(() => request(() => setTimeout(() => console.log('done'), 1500)), 200))`,
  },
  {
    name: 'a working directory that is gone before anything else is loaded',
    spans: 2,
    says: NO_WORKER,
    source: `
      const fs = require('node:fs')
      fs.mkdirSync(__dirname + '/gone')
      process.chdir(__dirname + '/gone')
      fs.rmdirSync(__dirname + '/gone')
      setTimeout(() => { ${REQUEST}; request(() => setTimeout(() => console.log('done'), 1500)) }, 200)`,
  },
  {
    name: 'a working directory that goes away under a running export',
    spans: 4,
    source: `${REQUEST}
      const fs = require('node:fs')
      fs.mkdirSync(__dirname + '/gone')
      process.chdir(__dirname + '/gone')
      request(() => setTimeout(() => {
        fs.rmdirSync(__dirname + '/gone')
        request(() => setTimeout(() => console.log('done'), 100))
      }, 1200))`,
  },
  {
    name: 'a rejection and an exception that nobody handles, with frames',
    source: `
      process.on('exit', (code) => console.log('exit', code))
      Promise.reject(Object.assign(new RangeError('nobody awaits this'), { code: 'E_LOST' }))`,
  },
]

describe('what an app does to process', { concurrency: 2 }, () => {
  for (const node of edgeNodeVersions()) {
    const { label, execPath } = node
    if (label === '22') continue
    for (const { name, ...program } of rowsOn(node, CASES)) {
      // There, Node has made a thread for module hooks before.
      const says = label === '22.15' && name.startsWith('process frozen') ? [] : (program.says ?? [])
      test(`${name} (Node ${label})`, (t) => asBare(t, { ...program, says, execPath }))
    }
  }
})
