// packages: @grpc/grpc-js
export default async function ({ load, say, attempt }) {
  const grpc = await load('@grpc/grpc-js')
  say(
    'functions',
    grpc.makeGenericClientConstructor,
    grpc.Server.prototype.register,
    grpc.Client.prototype.makeUnaryRequest,
  )
  const codec = {
    requestSerialize: (value) => Buffer.from(JSON.stringify(value)),
    requestDeserialize: (bytes) => JSON.parse(bytes),
    responseSerialize: (value) => Buffer.from(JSON.stringify(value)),
    responseDeserialize: (bytes) => JSON.parse(bytes),
  }
  const service = {
    ask: { path: '/app.Service/Ask', requestStream: false, responseStream: false, ...codec },
    list: { path: '/app.Service/List', requestStream: false, responseStream: true, ...codec },
  }
  const server = new grpc.Server()
  server.addService(
    service,
    Object.freeze({
      ask(call, done) {
        if (call.request.fail) return done(Object.assign(new Error('refused'), { code: grpc.status.NOT_FOUND }))
        done(null, {
          asked: call.request,
          keys: Object.keys(call.metadata.getMap()).filter((key) => key !== 'traceparent' && key !== 'user-agent'),
        })
      },
      list(call) {
        for (const n of [1, 2, 3]) call.write({ n })
        call.end()
      },
    }),
  )
  const port = await new Promise((resolve) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (_, bound) => resolve(bound)),
  )
  const Client = grpc.makeGenericClientConstructor(service, 'Service')
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure())
  say('client', Client.name, Client.prototype.ask, client.constructor === Client)
  const call = (method, ...args) =>
    new Promise((resolve) =>
      client[method](...args, function (...results) {
        resolve([...results, arguments.length])
      }),
    )
  const metadata = new grpc.Metadata()
  metadata.set('x-own', '1')
  say('asked', await call('ask', { a: 1 }, metadata))
  say('metadata', metadata.getMap())
  const [error] = await call('ask', { fail: true })
  say('error', error.code, error.details, error.message, error.constructor.name)
  await attempt('without a callback', () => client.ask({ a: 1 }))
  const rows = []
  const stream = client.list({})
  say(
    'stream',
    stream.constructor.name,
    stream.listenerCount('data'),
    stream.listenerCount('error'),
    stream.listenerCount('status'),
  )
  for await (const row of stream) rows.push(row)
  say('rows', rows)
  client.close()
  await new Promise((resolve) => server.tryShutdown(resolve))
}
