/**
 * Processes of one service, in the shape that the first argument says: `server`, `cluster` or `fork`, the last two with the
 * number of workers after it. All serve HTTP, and all print what the app's own IPC brings.
 */
const { fork } = require('node:child_process')
const cluster = require('node:cluster')
const { createServer } = require('node:http')

const [, , shape = 'server', count = '2'] = process.argv

function serve(onListening) {
  process.on('message', (message) => console.log(`message ${JSON.stringify(message)}`))
  const server = createServer((request, response) => {
    if (request.url === '/disconnect') {
      response.end('', () => process.disconnect())
      server.close()
      return
    }
    response.end(`${process.pid}`)
  })
  server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => onListening(server.address().port))
}

function lead(start) {
  const one = () => {
    const child = start()
    child.on('message', (message) => console.log(`message ${JSON.stringify(message)}`))
    // A supervisor: who ends by a signal is started again.
    child.on('exit', (code, signal) => {
      console.log(`ended ${code} ${signal}`)
      if (signal !== null) one()
    })
  }
  for (let i = 0; i < Number(count); i++) one()
}

if (shape === 'cluster' && cluster.isPrimary) {
  cluster.on('message', (_, message) => console.log(`cluster message ${JSON.stringify(message)}`))
  lead(() => cluster.fork())
} else if (shape === 'fork' && process.send === undefined) {
  lead(() => fork(__filename, process.argv.slice(2)))
} else {
  // As a forked worker does: without its parent it has nothing to do.
  if (process.send !== undefined) process.on('disconnect', () => setTimeout(() => process.exit(), 1000).unref())
  serve((port) => {
    console.log(`listening ${port}`)
    if (shape !== 'server') process.send({ port })
  })
}
