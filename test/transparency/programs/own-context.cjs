'use strict'
// runs: with the whole matrix
// The app's own AsyncLocalStorage in requests of one connection: nothing of a request is seen by the next.
const { AsyncLocalStorage, AsyncResource, executionAsyncId } = require('node:async_hooks')
const { once } = require('node:events')
const http = require('node:http')
const { say } = require('../say.cjs')

const storage = new AsyncLocalStorage()
const frozen = new AsyncLocalStorage({ defaultValue: 'none', name: 'own' })
const server = http.createServer((request, response) => {
  say(`at ${request.url}`, storage.getStore(), frozen.getStore(), executionAsyncId() > 0)
  storage.enterWith(request.url)
  request.on('end', () => say('end', storage.getStore()))
  response.on('finish', () => say('finish', storage.getStore()))
  request.resume()
  const snapshot = AsyncLocalStorage.snapshot()
  storage.run('inner', () => {
    setImmediate(() => {
      say(
        'inner',
        storage.getStore(),
        snapshot(() => storage.getStore()),
      )
      queueMicrotask(() => response.end(String(storage.getStore())))
    })
  })
  storage.exit(() => setTimeout(() => say('outside', storage.getStore()), 1))
})
const main = async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  for (const path of ['/1', '/2', '/3']) {
    await storage.run(`client ${path}`, async () => {
      const asked = http.request({ port: server.address().port, host: '127.0.0.1', path, agent, method: 'POST' })
      asked.on('response', () => say('response', storage.getStore()))
      asked.end('text')
      const [response] = await once(asked, 'response')
      response.on('end', () => say('response end', storage.getStore()))
      for await (const chunk of response) say('chunk', String(chunk), storage.getStore())
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const bound = AsyncResource.bind(function named(a, b) {
    return [this, a, b, storage.getStore()]
  })
  say('bound', bound, bound.call('self', 1, 2))
  say('at the end', storage.getStore())
  agent.destroy()
  server.close()
}
main()
