import { createServer } from 'node:http'
import express from 'express'
import { Redis } from 'ioredis'
import pg from 'pg'

// What a user has: an ESM Express app with a database, a cache and a call to another service.
const stock = createServer((request, response) => response.end(request.headers.traceparent))
await new Promise((resolve) => stock.listen(0, '127.0.0.1', resolve))

const pool = new pg.Pool()
const redis = process.env.REDIS_URL ? new Redis(process.env.REDIS_URL) : undefined

const app = express()
app.get('/orders/:id', async (request, response) => {
  const { rows } = await pool.query('SELECT $1::int AS id', [request.params.id])
  await redis?.set('last order', rows[0].id)
  const traceparent = await (await fetch(`http://127.0.0.1:${stock.address().port}/stock`)).text()
  response.json({ id: rows[0].id, traceparent })
})
const server = app.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
