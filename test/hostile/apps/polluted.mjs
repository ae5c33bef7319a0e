/** `/NAME` sets that property of Object.prototype and makes garbage collections; `/` unsets it. */
import { createServer } from 'node:http'

const { prototype } = Object

const server = createServer((request, response) => {
  const name = request.url.slice(1)
  if (name === '') for (const key of Object.keys(prototype)) delete prototype[key]
  else prototype[name] = name.endsWith('et') ? () => {} : 'x'
  globalThis.gc({ type: 'minor' })
  globalThis.gc()
  // After Node.js has reported them.
  setTimeout(() => setImmediate(() => response.end('ok')), 1)
})
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
