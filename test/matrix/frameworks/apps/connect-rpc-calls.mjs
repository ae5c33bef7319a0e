import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { shopOf } from '../connect-rpc-shop.mjs'

/**
 * Clients and servers of Connect beside those of `@grpc/grpc-js`: `GET /CLIENT/CALL` makes the call and answers with what the client
 * has of it.
 */
export async function build(load) {
  const { Code, ConnectError, createClient, createRouterTransport } = await load('@connectrpc/connect')
  const node = await load('@connectrpc/connect-node')
  const grpc = await load('@grpc/grpc-js')
  const { trace } = await load('@opentelemetry/api')
  const shop = await shopOf(load)
  const inside = (name) => trace.getTracer('app').startSpan(name).end()

  const routes = (router) =>
    router.service(shop, {
      async get({ id }, { signal }) {
        inside('served')
        if (id === 404) throw new ConnectError('none', Code.NotFound)
        if (id === 500) throw new ConnectError('broken', Code.Internal)
        if (id <= 0) await aborted(id, signal)
        return { id }
      },
      async *list({ id }, { signal }) {
        inside('served')
        yield { id: 1 }
        if (id === 500) throw new ConnectError('no more', Code.DataLoss)
        if (id <= 0) await aborted(id, signal)
        yield { id }
      },
      async upload(items) {
        inside('served')
        let sum = 0
        for await (const { id } of items) sum += id
        return { id: sum }
      },
      async *chat(items) {
        inside('served')
        yield* items
      },
    })
  const http1 = await listening(createServer(node.connectNodeAdapter({ routes })))
  const http2 = await listening(createHttp2Server(node.connectNodeAdapter({ routes })))
  const ofGrpcJs = await grpcServer(grpc, () => inside('served'))

  // What the app does itself on the way of a call has spans of its own.
  const interceptors = [
    (next) => async (request) => {
      await fetch(`${baseUrl(http1)}/token`).then((response) => response.text())
      return await next(request)
    },
  ]
  const transports = {
    'connect-1': node.createConnectTransport({ httpVersion: '1.1', baseUrl: baseUrl(http1) }),
    'connect-2': node.createConnectTransport({ httpVersion: '2', baseUrl: baseUrl(http2) }),
    grpc: node.createGrpcTransport({ baseUrl: baseUrl(http2) }),
    'grpc-web': node.createGrpcWebTransport({ httpVersion: '1.1', baseUrl: baseUrl(http1) }),
    intercepted: node.createGrpcTransport({ baseUrl: baseUrl(http2), interceptors }),
    'to-grpc-js': node.createGrpcTransport({ baseUrl: `http://127.0.0.1:${ofGrpcJs}` }),
    router: createRouterTransport(routes),
  }
  const clients = Object.fromEntries(
    Object.entries(transports).map(([name, transport]) => [name, callsOf(createClient(shop, transport), inside)]),
  )
  clients['grpc-js'] = callsOfGrpcJs(grpc, http2.address().port)
  clients['grpc-js-both'] = callsOfGrpcJs(grpc, ofGrpcJs)

  return createServer(async (request, response) => {
    const [, client, call] = request.url.split('/')
    response.end(JSON.stringify(await clients[client][call]().catch((error) => `${error.code} ${error.name}`)))
  })
}

/** Long enough for a call to arrive before. */
const DEADLINE_MS = 1_500

/** Tells of the calls that the server waits in, by what they ask for. */
const waiting = new EventEmitter()
let last = 0

/** Until the deadline has passed or the client has left, which is the error of the method then. */
async function aborted(id, signal) {
  setImmediate(() => waiting.emit(String(id)))
  await once(signal, 'abort')
  throw signal.reason
}

/** A call that is cancelled when the server waits in it. */
function cancelled(call) {
  last -= 1
  const controller = new AbortController()
  waiting.once(String(last), () => controller.abort())
  return call({ id: last }, { signal: controller.signal })
}

/** The calls that are made of the clients of Connect. */
function callsOf(client, inside) {
  async function* items() {
    inside('sent')
    yield { id: 3 }
    yield { id: 4 }
  }
  return {
    ok: async () => await idsOf([await client.get({ id: 7 })]),
    'not-found': async () => await client.get({ id: 404 }),
    internal: async () => await client.get({ id: 500 }),
    unimplemented: async () => await client.missing({ id: 7 }),
    deadline: async () => await client.get({ id: 0 }, { timeoutMs: DEADLINE_MS }),
    cancelled: async () => await cancelled(client.get),
    list: async () => await idsOf(client.list({ id: 7 })),
    'list-fails': async () => await idsOf(client.list({ id: 500 })),
    'list-deadline': async () => await idsOf(client.list({ id: 0 }, { timeoutMs: DEADLINE_MS })),
    'list-cancelled': async () => await idsOf(cancelled(client.list)),
    upload: async () => await idsOf([await client.upload(items())]),
    chat: async () => await idsOf(client.chat(items())),
  }
}

async function idsOf(items) {
  const ids = []
  for await (const { id } of items) ids.push(id)
  return ids.join()
}

const PATH = '/shop.Shop/Get'
const asIs = { serialize: (bytes) => bytes, deserialize: (bytes) => bytes }
/** `Item { id: 7 }`, the first field as a varint. */
const SEVEN = Buffer.from([8, 7])
const NOT_FOUND = Buffer.from([8, 0x94, 3])

function callsOfGrpcJs(grpc, port) {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  const get = (message, options) =>
    new Promise((resolve, reject) => {
      const done = (error, value) => (error ? reject(error) : resolve([...value].join()))
      client.makeUnaryRequest(PATH, asIs.serialize, asIs.deserialize, message, options, done)
    })
  return {
    ok: async () => await get(SEVEN, {}),
    'not-found': async () => await get(NOT_FOUND, {}),
    deadline: async () => await get(Buffer.alloc(0), { deadline: Date.now() + DEADLINE_MS }),
  }
}

async function grpcServer(grpc, inside) {
  const server = new grpc.Server()
  const get = {
    path: PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs.serialize,
    requestDeserialize: asIs.deserialize,
    responseSerialize: asIs.serialize,
    responseDeserialize: asIs.deserialize,
  }
  server.addService(
    { get },
    {
      get({ request }, callback) {
        inside()
        if (request.equals(NOT_FOUND)) callback({ code: 5 })
        else callback(null, request)
      },
    },
  )
  return await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    )
  })
}

function baseUrl(server) {
  return `http://127.0.0.1:${server.address().port}`
}

async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
