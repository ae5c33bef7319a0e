/** Ends three spans and then itself, in the way that its argument names. Runs under bare Node as well. */
import { spawn } from 'node:child_process'
import cluster from 'node:cluster'
import { createServer, get } from 'node:http'
import { Worker } from 'node:worker_threads'
import { trace } from '@opentelemetry/api'

const tracer = trace.getTracer('ends')
const span = (name) => tracer.startSpan(name).end()
const keepAlive = () => setInterval(() => {}, 1000)
const raise = (signal) => {
  const timer = keepAlive()
  process.kill(process.pid, signal)
  return timer
}

const ENDS = {
  natural: () => {},
  exitCode: () => (process.exitCode = 4),
  'exitCode in an exit listener': () => process.on('exit', () => (process.exitCode = 4)),
  'exit in a timer': () => setTimeout(() => process.exit(3), 20),
  'exit at once': () => process.exit(5),
  'exit during start': () => process.exit(8),
  'exit in a request handler': () => {
    const server = createServer(() => process.exit(3))
    server.listen(0, '127.0.0.1', () => get({ host: '127.0.0.1', port: server.address().port }))
  },
  'exit in an exit listener': () => {
    process.on('exit', () => {
      span('late')
      process.exit(6)
    })
  },
  'a span in an exit listener': () => process.on('exit', () => span('late')),
  'a span in a beforeExit listener': () => process.once('beforeExit', () => span('late')),
  reallyExit: () => process.reallyExit(7),
  'uncaught exception': () => {
    throw new Error('thrown')
  },
  'uncaught exception in a timer': () => setTimeout(() => notDefined()),
  'uncaught exception in an exit listener': () => {
    process.on('exit', () => {
      throw new Error('thrown late')
    })
  },
  'exception in the handler of exceptions': () => {
    process.on('uncaughtException', () => {
      throw new Error('thrown by the handler')
    })
    throw new Error('thrown')
  },
  'exception deep inside the handler of exceptions': () => {
    process.on('uncaughtException', (error) => {
      span('late')
      console.log(error.stack)
      console.log(new Error('seen').stack)
      const deeper = (depth) => (depth === 0 ? Reflect.get(undefined, 'x') : deeper(depth - 1))
      deeper(20)
    })
    throw new Error('thrown')
  },
  'a value thrown by the handler of exceptions': () => {
    process.on('uncaughtException', () => {
      throw 'a value'
    })
    void Promise.reject(new Error('rejected'))
  },
  'exception that the app handles': () => {
    const before = stateOfErrors()
    process.on('uncaughtException', () => {
      span('late')
      setTimeout(() => console.log(stateOfErrors() === before, process.emit('nothing')), 20)
    })
    throw new Error('thrown')
  },
  'uncaught exception with a monitor': () => {
    process.on('uncaughtExceptionMonitor', () => console.log('monitored'))
    throw new Error('thrown')
  },
  'unhandled rejection': () => void Promise.reject(new Error('rejected')),
  'stack overflow': () => {
    const deeper = () => deeper() + 1
    deeper()
  },
  SIGTERM: () => handledByNobody('SIGTERM'),
  SIGINT: () => handledByNobody('SIGINT'),
  SIGHUP: () => handledByNobody('SIGHUP'),
  SIGQUIT: () => handledByNobody('SIGQUIT'),
  SIGUSR2: () => handledByNobody('SIGUSR2'),
  'SIGTERM to itself, at once': () => {
    process.kill(process.pid, 'SIGTERM')
    console.log('never said')
  },
  'SIGTERM to itself in an exit listener': () => {
    process.on('exit', () => {
      span('late')
      process.kill(process.pid)
      console.log('never said')
    })
  },
  'SIGTERM that the app handles': () => {
    process.on('SIGTERM', () => {
      console.log('draining')
      setTimeout(() => {
        span('late')
        process.exit(0)
      }, 50)
    })
    raise('SIGTERM')
  },
  'SIGTERM that the app handles once': () => {
    process.once('SIGTERM', () => {
      span('late')
      process.kill(process.pid, 'SIGTERM')
    })
    raise('SIGTERM')
  },
  'SIGINT that the app ignores until it is done': () => {
    process.on('SIGINT', () => console.log('not now'))
    const timer = raise('SIGINT')
    setTimeout(() => clearInterval(timer), 100)
  },
  'a worker that is terminated': () => {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
    worker.once('online', () => worker.terminate().then((code) => console.log('terminated', code)))
  },
  'a worker that throws': () => void new Worker("throw new Error('in the worker')", { eval: true }),
  'a cluster that disconnects': () => {
    // The channel to the primary keeps the other one alive.
    if (cluster.isPrimary) cluster.fork().once('online', () => cluster.disconnect(() => console.log('disconnected')))
  },
  'a child of its own': () => {
    const child = spawn(process.execPath, ['-e', 'process.exit(9)'], { stdio: 'ignore' })
    child.once('exit', (code) => console.log('child', code))
  },
}

function stateOfErrors() {
  return String([Error.stackTraceLimit, typeof Error.prepareStackTrace, process.emit.name, Object.keys(process).length])
}

function handledByNobody(signal) {
  keepAlive()
  setTimeout(() => process.kill(process.pid, signal), 20)
}

const [end = 'natural'] = process.argv.slice(2)
if (cluster.isPrimary) for (const name of ['first', 'second', 'third']) span(name)
if (end === 'rejected top-level await') await Promise.reject(new Error('rejected'))
if (end === 'unsettled top-level await') await new Promise(() => {})
ENDS[end]()
