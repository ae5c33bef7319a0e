import grpc from '@grpc/grpc-js'
import { trace } from '@opentelemetry/api'

// A service of all four kinds of calls, called by a client in the same process: GET /METHOD makes the call.
import { createServer } from 'node:http'

const text = { serialize: (value) => Buffer.from(value), deserialize: (bytes) => bytes.toString() }
const kind = (path, requestStream, responseStream) => ({
  path: `/shop.Carts/${path}`,
  requestStream,
  responseStream,
  requestSerialize: text.serialize,
  requestDeserialize: text.deserialize,
  responseSerialize: text.serialize,
  responseDeserialize: text.deserialize,
})
const service = {
  Get: kind('Get', false, false),
  Upload: kind('Upload', true, false),
  List: kind('List', false, true),
  Chat: kind('Chat', true, true),
  Gone: kind('Gone', false, false),
}
const inside = () => trace.getTracer('app').startSpan('inside').end()

const handlers = {
  Get(call, callback) {
    inside()
    const { request } = call
    if (request === 'slow') return void setTimeout(() => callback(null, 'late'), 1_000)
    if (request === 'throws') throw new Error('broken')
    if (/^\d+$/.test(request)) return callback({ code: Number(request), details: `with ${request}` })
    if (request === 'error') return callback(new Error('plain'))
    callback(null, `got ${request}`)
  },
  Upload(call, callback) {
    inside()
    let size = 0
    call.on('data', (chunk) => (size += chunk.length))
    call.on('end', () => callback(null, String(size)))
  },
  List(call) {
    inside()
    for (const item of ['a', 'b', 'c']) call.write(item)
    if (call.request === 'fails') return call.emit('error', Object.assign(new Error('no more'), { code: 15 }))
    if (call.request === 'endless') return
    call.end()
  },
  Chat(call) {
    call.on('data', (chunk) => {
      inside()
      call.write(chunk)
    })
    call.on('end', () => call.end())
  },
}

const server = new grpc.Server()
const { Gone: _, ...known } = service
server.addService(known, handlers)
const port = await new Promise((resolve, reject) => {
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  )
})
const Client = grpc.makeClientConstructor(service, 'Carts')
const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())

const unary = (name, request, options = {}) =>
  new Promise((resolve) => {
    const call = client[name](request, options, (error, value) =>
      resolve(error === null ? value : `${error.code} ${error.details}`),
    )
    if (options.cancelled) setTimeout(() => call.cancel(), 100)
  })
const read = (call) =>
  new Promise((resolve) => {
    const items = []
    call.on('data', (item) => items.push(item))
    call.on('error', (error) => resolve(`${items} ${error.code}`))
    call.on('end', () => resolve(String(items)))
  })

const CALLS = {
  '/ok': () => unary('Get', 'x'),
  '/not-found': () => unary('Get', '5'),
  '/internal': () => unary('Get', '13'),
  '/error': () => unary('Get', 'error'),
  '/deadline': () => unary('Get', 'slow', { deadline: Date.now() + 300 }),
  '/cancelled': () => unary('Get', 'slow', { cancelled: true }),
  '/unknown': () => unary('Gone', 'x'),
  '/upload': () =>
    new Promise((resolve) => {
      const call = client.Upload((error, value) => resolve(value))
      call.write('12')
      call.end('345')
    }),
  '/list': () => read(client.List('x')),
  '/list-fails': () => read(client.List('fails')),
  '/list-cancelled': () => {
    const call = client.List('endless')
    setTimeout(() => call.cancel(), 100)
    return read(call)
  },
  '/chat': () => {
    const call = client.Chat()
    call.write('hello')
    call.end()
    return read(call)
  },
  // To the server, the end of the request arrives before its cancellation.
  '/chat-cancelled': () => {
    const call = client.Chat()
    call.write('hello')
    call.once('data', () => call.cancel())
    return read(call)
  },
  '/upload-cancelled': () =>
    new Promise((resolve) => {
      const call = client.Upload((error, value) => resolve(`${error?.code} ${value}`))
      call.write('12')
      setTimeout(() => call.cancel(), 100)
    }),
}

const front = createServer(async (request, response) => {
  response.end(await CALLS[request.url]())
})
front.listen(0, '127.0.0.1', () => console.log(`listening ${front.address().port}`))
