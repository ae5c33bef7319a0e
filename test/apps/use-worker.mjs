import { createServer } from 'node:http'
import { isMainThread, parentPort, threadId, Worker } from 'node:worker_threads'

// The main thread serves; the worker thread calls it once and tells the answer.
if (isMainThread) {
  const server = createServer((_request, response) => response.end('hello'))
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    const worker = new Worker(new URL(import.meta.url), {
      workerData: null,
      env: { ...process.env, TARGET: `${port}` },
    })
    worker.on('message', (message) => {
      console.log(message)
      server.close()
    })
  })
} else {
  const response = await fetch(`http://127.0.0.1:${process.env.TARGET}/from-worker`)
  parentPort.postMessage(`worker ${threadId} got ${await response.text()}`)
}
