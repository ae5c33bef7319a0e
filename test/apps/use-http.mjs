import { createServer } from 'node:http'

const server = createServer((request, response) => {
  if (request.url === '/throw') throw new Error('thrown by the app')
  response.end('hello')
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`)
})
