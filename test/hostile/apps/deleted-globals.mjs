import http from 'node:http'

/** What no program deletes, since its own libraries would fail. */
const KEPT = new Set(
  (
    'globalThis global process console Object Function Array String Number Boolean Symbol Promise Math JSON RegExp ' +
    'Error TypeError RangeError ArrayBuffer DataView Uint8Array Int32Array Float64Array'
  ).split(' '),
)

/** Deletes all other globals, then serves requests. */
const { createServer, get } = http
const { Reflect } = globalThis
const deleted = Object.getOwnPropertyNames(globalThis).filter(
  (name) => !KEPT.has(name) && Reflect.deleteProperty(globalThis, name),
)

let answered = 0
const server = createServer((_, response) => response.end('x')).listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}/`
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => get(url, (response) => response.resume().on('end', resolve)))
    answered += 1
  }
  console.log(deleted.length > 80, answered)
  server.close()
  server.closeAllConnections()
})
