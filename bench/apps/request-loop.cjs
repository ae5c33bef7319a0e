/**
 * Serves or sends requests over sixteen connections within this process, as many as it is asked for, and reports their
 * cost: CPU time, and bytes allocated on the heap. Needs `--expose-gc`, and a young generation that holds all that
 * `bytes` requests allocate.
 */
const { createServer, Agent, get } = require('node:http')
const { connect } = require('node:net')

const CONNECTIONS = 16
const REQUEST = Buffer.from('GET /users/7 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: bench/1.0\r\n\r\n')

/** Each starts its app and returns a function that makes a number of requests. */
const LOOPS = {
  http: async () => {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json')
      response.end('{"id":"7"}')
    })
    return served(await listening(server))
  },
  express: async () => {
    const app = require('express')()
    app.use((_request, _response, next) => next())
    app.use((_request, _response, next) => next())
    app.get('/users/:id', (request, response) => void response.json({ id: request.params.id }))
    return served(await listening(createServer(app)))
  },
  fastify: async () => {
    const app = require('fastify')({ keepAliveTimeout: 0 })
    app.get('/users/:id', async (request) => ({ id: request.params.id }))
    await app.listen({ port: 0, host: '127.0.0.1' })
    return served(app.server.address().port)
  },
  get: async () => {
    const port = await answering()
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
    return repeated((done) => {
      get({ host: '127.0.0.1', port, path: '/users/7', agent }, (response) => response.resume().on('end', done))
    })
  },
  fetch: async () => {
    const port = await answering()
    return repeated(async (done) => {
      const response = await fetch(`http://127.0.0.1:${port}/users/7`)
      await response.text()
      done()
    })
  },
}

function listening(server) {
  // Connections are idle while other processes are measured.
  server.keepAliveTimeout = 0
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
}

/** A server without `node:http`, which answers every request at once. */
function answering() {
  const answer = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{"id":"7"}'
  const { createServer: createTcpServer } = require('node:net')
  return listening(createTcpServer((socket) => socket.on('data', () => socket.write(answer)).on('error', () => {})))
}

/** Returns a function that sends a number of requests to the port. */
async function served(port) {
  let left = 0
  let answers = 0
  let finished
  const sockets = await Promise.all(
    Array.from(
      { length: CONNECTIONS },
      () =>
        new Promise((resolve, reject) => {
          const socket = connect(port, '127.0.0.1', () => resolve(socket)).on('error', reject)
          socket.on('data', (chunk) => {
            // Each response contains one closing brace, however the chunks are cut.
            for (let at = chunk.indexOf('}'); at !== -1; at = chunk.indexOf('}', at + 1)) {
              if (--answers === 0) finished()
              else send(socket)
            }
          })
        }),
    ),
  )
  const send = (socket) => {
    if (left-- > 0) socket.write(REQUEST)
  }
  return (requests) =>
    new Promise((resolve) => {
      left = answers = requests
      finished = resolve
      for (const socket of sockets) send(socket)
    })
}

/** Returns a function that calls `request` a number of times. */
function repeated(request) {
  return (requests) =>
    new Promise((resolve) => {
      let left = requests
      let answers = requests
      const next = () => {
        if (left-- > 0) request(done)
      }
      const done = () => {
        if (--answers === 0) resolve()
        else next()
      }
      for (let i = 0; i < CONNECTIONS; i++) next()
    })
}

async function main() {
  const loop = await LOOPS[process.argv[2]]()
  process.on('message', async ({ requests, bytes, profiled }) => {
    if (profiled > 0) {
      process.send({ nodes: await profileOf(() => loop(profiled)) })
      return
    }
    if (bytes > 0) {
      globalThis.gc()
      const before = process.memoryUsage().heapUsed
      await loop(bytes)
      process.send({ bytes: (process.memoryUsage().heapUsed - before) / bytes })
      return
    }
    if (!(requests > 0)) return
    const all = process.cpuUsage()
    const own = process.threadCpuUsage()
    await loop(requests)
    const ownMicros = sum(process.threadCpuUsage(own))
    const allMicros = sum(process.cpuUsage(all))
    const rssMegabytes = process.memoryUsage.rss() / 1e6
    process.send({ ownMicros: ownMicros / requests, allMicros: allMicros / requests, rssMegabytes })
  })
  process.on('disconnect', () => process.exit())
  process.send({})
}

/** Returns the functions that ran, each with the time in microseconds that it took itself. */
async function profileOf(work) {
  const { Session } = require('node:inspector/promises')
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 100 })
  await session.post('Profiler.start')
  await work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  const micros = new Map()
  profile.samples.forEach((id, index) => micros.set(id, (micros.get(id) ?? 0) + profile.timeDeltas[index]))
  return profile.nodes.map(({ id, callFrame }) => ({ ...callFrame, micros: micros.get(id) ?? 0 }))
}

function sum({ user, system }) {
  return user + system
}

void main()
