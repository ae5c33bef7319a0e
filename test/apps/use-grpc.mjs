/** A gRPC server, and a request to it for each request to the HTTP server beside it. */
import { createServer } from 'node:http'
import grpc from '@grpc/grpc-js'

const CODECS = ['requestSerialize', 'requestDeserialize', 'responseSerialize', 'responseDeserialize']
const asTheyAre = Object.fromEntries(CODECS.map((codec) => [codec, (bytes) => bytes]))
const greet = { path: '/shop.Greeter/Greet', requestStream: false, responseStream: false, ...asTheyAre }
const service = { greet }

const server = new grpc.Server()
server.addService(service, { greet: ({ request }, done) => done(null, request) })
const port = await new Promise((resolve, reject) => {
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  )
})
const Greeter = grpc.makeGenericClientConstructor(service, 'Greeter')
const client = new Greeter(`127.0.0.1:${port}`, grpc.credentials.createInsecure())

const http = createServer((_, response) => {
  client.greet(Buffer.from('hello'), (error, answer) => response.end(error?.message ?? answer))
})
http.listen(0, '127.0.0.1', () => console.log(`listening ${http.address().port}`))
