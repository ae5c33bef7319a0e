/**
 * Serves requests one after another with Express, and reports how many bytes of each survive a collection of V8's young
 * generation. Needs `--expose-gc`, and a young generation that holds them all.
 */
const { Agent, get } = require('node:http')
const { getHeapSpaceStatistics } = require('node:v8')
const express = require('express')

const REQUESTS = 1000
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

const app = express()
app.use((_request, _response, next) => next())
const inner = express.Router()
inner.param('id', (_request, _response, next) => next())
inner.get('/users/:id', (request, response) => void response.json({ id: request.params.id }))
app.use('/api/:version', inner)

const server = app.listen(0, '127.0.0.1', async () => {
  await requests(REQUESTS)
  // The second collection promotes what survived the first.
  collect()
  collect()
  await requests(REQUESTS)
  collect()
  const { space_used_size: bytes } = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  console.log(JSON.stringify({ bytes: bytes / REQUESTS }))
  process.exit()
})

async function requests(count) {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve, reject) => {
      const path = '/api/v1/users/7'
      get({ port: server.address().port, host: '127.0.0.1', path, agent }, (response) =>
        response.resume().on('end', resolve),
      ).on('error', reject)
    })
  }
}

/** Collects the young generation only. */
function collect() {
  globalThis.gc({ type: 'minor' })
}
