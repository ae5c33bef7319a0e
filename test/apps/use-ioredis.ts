import { createServer } from 'node:http'
import { Redis } from 'ioredis'
import type { AddressInfo } from 'node:net'

const redis = new Redis(process.env.REDIS_URL)
const server = createServer(async (_request: unknown, response: any) => {
  await redis.set('greeting', 'hello')
  response.end(await redis.get('greeting'))
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${(server.address() as AddressInfo).port}`)
})
