import { test } from 'node:test'
import { asBare } from '../support/as-bare.ts'
import { edgeNodeVersions } from '../support/matrix.ts'

/** What `async_hooks` of an app hear of HTTP: its own connections and requests. */
const SOURCE = `
const counts = {}
require('node:async_hooks').createHook({
  init(_, type) {
    if (/^HTTP/.test(type)) counts[type] = (counts[type] ?? 0) + 1
  },
}).enable()
const http = require('node:http')
const server = http.createServer((request, response) => response.end('ok'))
server.listen(0, '127.0.0.1', async () => {
  for (let i = 0; i < 3; i += 1) {
    await new Promise((resolve) => {
      http.get({ host: '127.0.0.1', port: server.address().port, agent: false }, (response) => response.resume().on('end', resolve))
    })
  }
  server.close()
  console.log(JSON.stringify(counts))
})`

for (const { label, execPath } of edgeNodeVersions()) {
  test(`async_hooks of the app count its own connections (Node ${label})`, (t) =>
    asBare(t, { source: SOURCE, execPath }))
}
