import { isMainThread, Worker } from 'node:worker_threads'

// The server, and the only package, are in a worker thread.
if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url))
  worker.on('error', (error) => console.error(error))
} else {
  const { default: express } = await import('express')
  const app = express()
  app.get('/', (_, response) => response.send('done'))
  const server = app.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
}
