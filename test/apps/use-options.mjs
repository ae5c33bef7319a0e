import { createServer, get } from 'node:http'
import express from 'express'

// /calls asks itself through fetch and node:http, by two names of the same address.
const app = express()
app.get('/healthz', async (_request, response) => {
  await fetch(`http://127.0.0.1:${server.address().port}/ready/child`)
  response.json({})
})
app.get('/ready/child', (_request, response) => response.json({}))
app.get('/calls', async (_request, response) => {
  const { port } = server.address()
  await fetch(`http://localhost:${port}/ready/fetch`)
  await new Promise((resolve) => get(`http://localhost:${port}/ready/http`, (r) => r.resume().on('end', resolve)))
  await fetch(`http://127.0.0.1:${port}/ready/seen`)
  response.json({})
})
const server = createServer(app).listen(Number(process.env.PORT ?? 0), () => {
  console.log(`listening ${server.address().port}`)
})
