import { createReadStream, statSync } from 'node:fs'
import { createServer, get } from 'node:http'
import { Server } from 'socket.io'
import { WebSocketServer } from 'ws'

// Connections that stay open: Server-Sent Events, WebSockets, Socket.IO. Each event asks this server for something.
const streams = new Set()

const server = createServer((request, response) => {
  const [path] = request.url.split('?', 1)
  if (path === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: first\n\n')
    streams.add(response)
    response.on('close', () => streams.delete(response))
    return
  }
  if (path === '/file') {
    response.setHeader('content-length', statSync(import.meta.filename).size)
    createReadStream(import.meta.filename).pipe(response)
    return
  }
  if (path === '/end') for (const stream of streams) stream.end('data: last\n\n')
  response.end('answered')
})

const inner = () =>
  new Promise((resolve) => {
    get({ port: server.address().port, path: '/inner', agent: false }, (response) =>
      response.resume().on('end', resolve),
    )
  })

const plain = new WebSocketServer({ noServer: true })
plain.on('connection', (socket) => {
  socket.on('message', async (message) => {
    await inner()
    socket.send(`answer to ${message}`)
  })
})

async function onOrder(order, done) {
  await inner()
  done(`answer to ${order}`)
}

const io = new Server(server)
io.on('connection', (socket) => {
  socket.on('order', onOrder)
  console.log('own listener', socket.rawListeners('order')[0] === onOrder)
})

server.prependListener('upgrade', (request, socket, head) => {
  if (!request.url.startsWith('/plain')) return
  plain.handleUpgrade(request, socket, head, (client) => plain.emit('connection', client, request))
})

server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
