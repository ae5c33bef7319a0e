import { createServer, get } from 'node:http'
import express from 'express'

// Two services in one process: /outer asks /inner once through fetch and once through node:http.
const inner = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ traceparent: request.headers.traceparent ?? null }))
})
await new Promise((resolve) => inner.listen(0, '127.0.0.1', resolve))
const innerUrl = `http://127.0.0.1:${inner.address().port}/inner`

function getJson(url) {
  return new Promise((resolve, reject) => {
    get(url, async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve(JSON.parse(body))
    }).on('error', reject)
  })
}

const app = express()
app.get('/outer/:id', async (_request, response) => {
  const viaFetch = await (await fetch(innerUrl)).json()
  const viaHttp = await getJson(innerUrl)
  response.json({ viaFetch, viaHttp })
})
const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`)
})
