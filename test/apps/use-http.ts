import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((request: any, response: any) => {
  if (request.url === '/throw') throw new Error('thrown by the app')
  response.end('hello')
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${(server.address() as AddressInfo).port}`)
})
