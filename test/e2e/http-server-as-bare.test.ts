import { describe, test } from 'node:test'
import { asBare } from '../support/as-bare.ts'
import { edgeNodeVersions, nodeVersions, rowsOn } from '../support/matrix.ts'

/**
 * What a server of `node:http` does, bare and under the preload: what the client receives, what the
 * handler sees, what is printed of a crash, and how the process ends. Each program is a server, `handler`, and the bytes
 * that clients send to it, one after the other.
 */
interface Behaviour {
  /** The body of a function of `request`, `response` and `server`. */
  readonly handler: string
  /** Each is written to one connection, after what the one before was answered with. */
  readonly sends: readonly string[]
  /** What is done with the server before it listens. */
  readonly before?: string
  /** The process ends with it: no client waits for an answer. It has a process of its own. */
  readonly crashes?: boolean
  readonly nodeArgs?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly says?: readonly RegExp[]
}

const GET = 'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'
const get = (path: string): string => GET.replace('/', path)
const UPGRADE = 'GET /up HTTP/1.1\\r\\nHost: a\\r\\nUpgrade: x\\r\\nConnection: Upgrade\\r\\n\\r\\n'

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  'a plain answer on a connection that stays': { handler: `response.end('hi')`, sends: [GET, GET] },
  'requests sent ahead': {
    handler: `setTimeout(() => response.end(request.url), request.url === '/a' ? 30 : 0)`,
    sends: [get('/a') + get('/b') + get('/c')],
  },
  'an exception in a plain handler': { handler: `throw new Error('boom')`, sends: [GET], crashes: true },
  'an exception in an async function of the handler': {
    handler: `(async () => { await null; throw new TypeError('later') })()`,
    sends: [GET],
    crashes: true,
  },
  'throw null': { handler: `throw null`, sends: [GET], crashes: true },
  'throw undefined': { handler: `throw undefined`, sends: [GET], crashes: true },
  'throw 0': { handler: `throw 0`, sends: [GET], crashes: true },
  'an exception that a listener of uncaughtException answers': {
    before: `process.on('uncaughtException', (error) => { say('caught', error.message, error.stack); server.last.end('answered') })`,
    handler: `server.last = response; throw new Error('boom')`,
    sends: [GET, GET],
  },
  'an exception in a listener of data': {
    before: `process.on('uncaughtException', (error) => { say(error.stack); server.last.end('x') })`,
    handler: `server.last = response; request.on('data', () => { throw new Error('in data') })`,
    sends: ['POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\n\\r\\nabc'],
  },
  'wrong arguments of write and end': {
    handler: `
      for (const wrong of [() => response.write(1), () => response.write(null), () => response.end({})]) {
        try { wrong() } catch (error) { say(error.code, error.stack) }
      }
      response.end('ok')`,
    sends: [GET],
  },
  'a body by its length and one in chunks': {
    handler: `
      let size = 0
      request.on('data', (chunk) => (size += chunk.length))
      request.on('end', () => { response.write('got '); response.end(String(size)) })`,
    sends: [
      'POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 5\\r\\n\\r\\nabcde',
      'POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n0\\r\\nTrailer: x\\r\\n\\r\\n',
    ],
  },
  '100-continue, granted by node': {
    handler: `request.resume().on('end', () => response.end('done'))`,
    sends: ['POST / HTTP/1.1\\r\\nHost: a\\r\\nExpect: 100-continue\\r\\nContent-Length: 2\\r\\n\\r\\nab'],
  },
  '100-continue, decided by the app': {
    before: `server.on('checkContinue', (request, response) => { say('checkContinue'); response.writeHead(417).end() })`,
    handler: `response.end()`,
    sends: ['POST / HTTP/1.1\\r\\nHost: a\\r\\nExpect: 100-continue\\r\\nContent-Length: 2\\r\\n\\r\\nab'],
  },
  'an upgrade': {
    before: `server.on('upgrade', (request, socket, head) => {
      say('upgrade', request.method, request.url, head.length, socket.listenerCount('data'), socket.listenerCount('close'))
      say(Object.keys(request).includes('parser'), request.parser)
      socket.write('HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n')
      socket.on('data', (data) => say('message', String(data))).on('end', () => socket.end('bye'))
    })`,
    handler: `response.end()`,
    sends: [UPGRADE + 'hello'],
  },
  'an upgrade that is refused': {
    before: `server.on('upgrade', (request, socket) => socket.end('HTTP/1.1 401 Unauthorized\\r\\n\\r\\n'))`,
    handler: `response.end()`,
    sends: [UPGRADE],
  },
  'an upgrade that nobody wants': { handler: `response.end('plain')`, sends: [UPGRADE] },
  'an upgrade whose listener throws': {
    // Further down, Node 22 has a frame of its own where asynchronous contexts are used.
    before: `Error.stackTraceLimit = 4; server.on('upgrade', () => { throw new Error('in upgrade') })`,
    handler: `response.end()`,
    sends: [UPGRADE],
    crashes: true,
  },
  CONNECT: {
    before: `server.on('connect', (request, socket) => { say(request.url); socket.end('HTTP/1.1 200 OK\\r\\n\\r\\ntunnel') })`,
    handler: `response.end()`,
    sends: ['CONNECT a:1 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'],
  },
  'CONNECT without a listener': { handler: `response.end()`, sends: ['CONNECT a:1 HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n'] },
  'no HTTP at all': { handler: `response.end()`, sends: ['nonsense\\r\\n\\r\\n'] },
  'HTTP/1.0': { handler: `response.write('a'); response.end('b')`, sends: ['GET / HTTP/1.0\\r\\n\\r\\n'] },
  'HEAD, and a status without a body': {
    handler: `response.writeHead(request.method === 'HEAD' ? 200 : 304).end('dropped')`,
    sends: [GET.replace('GET', 'HEAD'), GET],
  },
  'a response that the app destroys': {
    handler: `response.on('close', () => say('close', response.writableFinished)); response.write('half'); response.destroy(new Error('mine'))`,
    sends: [GET],
  },
  'server.emit by hand, with half a request': {
    before: `
      for (const args of [[{}, {}], [{ headers: {} }, { on() {} }], []]) {
        try { say(server.emit('request', ...args)) } catch (error) { say(error.message) }
      }`,
    handler: `if (response?.end) response.end('x')`,
    sends: [GET],
  },
  'what the app can see of requests, responses and servers': {
    handler: `
      say(Reflect.ownKeys(request).length, Reflect.ownKeys(response).map(String).sort().join())
      say(request.eventNames().map(String).join(), response.listenerCount('finish'), response.listenerCount('close'), response.listenerCount('error'))
      say(server.emit === require('node:events').prototype.emit)
      say(response.write === Object.getPrototypeOf(response.constructor.prototype).write, request.emit === require('node:events').prototype.emit)
      say(request.headers.host)
      response.end()`,
    sends: [GET],
  },
  'a path that is left out': {
    handler: `request.on('end', () => response.end('left out')).resume()`,
    sends: ['POST /health HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 2\\r\\n\\r\\nab'],
    env: { OBS_IGNORE_PATHS: '/health' },
  },
  'closeAllConnections while a request waits': {
    handler: `response.on('close', () => say('close', request.destroyed)); server.closeAllConnections()`,
    sends: [GET],
  },
  'no AsyncContextFrame': {
    nodeArgs: ['--no-async-context-frame'],
    handler: `request.on('end', () => response.end('x')).resume()`,
    sends: ['POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 2\\r\\n\\r\\nab', GET],
  },
}

/** Returns the source of an async function of `say`, which runs the server and its clients. */
function scenarioOf({ handler, sends, before = '', crashes = false }: Behaviour): string {
  return `async (say) => {
const server = createServer((request, response) => {
  ${handler}
})
${before}
const sends = ${JSON.stringify(sends).replaceAll('\\\\', '\\')}
await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
for (const send of sends) {
  await new Promise((done) => {
    let got = ''
    const client = connect(server.address().port, '127.0.0.1').on('error', (error) => say(error.code)).on('close', done)
    client.on('data', (data) => {
      got += data
      clearTimeout(client.idle)
      client.idle = setTimeout(() => client.end(), 100)
    })
    client.on('close', () => {
      clearTimeout(client.idle)
      say(got.replace(/^Date: .*$/gm, 'Date'))
    })
    client.write(send)
    ${crashes ? '' : 'client.idle = setTimeout(() => client.end(), 5000)'}
  })
}
server.close()
server.closeAllConnections()
}`
}

const MODULES = `
const { createServer } = require('node:http')
const { connect } = require('node:net')
`

function programOf(behaviour: Behaviour): string {
  return `${MODULES}${behaviour.crashes === true ? "console.log('listening')" : ''}
;(${scenarioOf(behaviour)})(console.log)`
}

/** Runs all of them at the same time in one process, and prints what each said under its name. */
function programOfAll(behaviours: readonly (readonly [name: string, behaviour: Behaviour])[]): string {
  const runs = behaviours.map(([name, behaviour]) => `run(${JSON.stringify(name)}, ${scenarioOf(behaviour)})`)
  return `${MODULES}
const { format } = require('node:util')
async function run(name, scenario) {
  const said = [name]
  await scenario((...words) => said.push(format(...words)))
  return said.join('\\n  ')
}
Promise.all([
${runs.join(',\n')}
]).then((all) => console.log(all.join('\\n')))`
}

/** Returns whether the behaviour concerns the whole process, which it therefore cannot share. */
function needsProcess({ crashes = false, before = '', nodeArgs, env }: Behaviour): boolean {
  return crashes || before.includes('process.') || before.includes('Error.') || (nodeArgs ?? env) !== undefined
}

const ALL = Object.entries(BEHAVIOURS)
const SHARING = ALL.filter(([, behaviour]) => !needsProcess(behaviour))

for (const { label, execPath } of nodeVersions()) {
  test(`${SHARING.length} servers in one process, on Node ${label}`, (t) =>
    asBare(t, { source: programOfAll(SHARING), execPath }))
}

describe('a process of its own', { concurrency: 2 }, () => {
  const alone = ALL.filter(([, each]) => needsProcess(each))
  for (const node of edgeNodeVersions()) {
    const { label, execPath } = node
    for (const [name, behaviour] of rowsOn(node, alone)) {
      const { nodeArgs = [], env = {}, says = [] } = behaviour
      const isOnlyWay = label.startsWith('22') && nodeArgs.includes('--no-async-context-frame')
      test(`${name}, on Node ${label}`, { skip: isOnlyWay && 'it is the only way there' }, (t) =>
        asBare(t, { source: programOf(behaviour), execPath, nodeArgs, env, says }),
      )
    }
  }
})
