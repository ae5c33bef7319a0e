import { createServer } from 'node:http'
import { Redis } from 'ioredis'

const redis = new Redis(process.env.REDIS_URL)
const server = createServer(async (_request, response) => {
  await redis.set('greeting', 'hello')
  response.end(await redis.get('greeting'))
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`)
})
