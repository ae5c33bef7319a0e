import express from 'express'
import type { AddressInfo } from 'node:net'

const app = express()
app.get('/users/:id', (request: any, response: any) => {
  response.json({ id: request.params.id })
})
app.get('/fail', () => {
  throw new Error('thrown by the app')
})
app.use((error: Error, _request: unknown, response: any, _next: unknown) => {
  response.status(500).json({ error: error.message })
})

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${(server.address() as AddressInfo).port}`)
})
