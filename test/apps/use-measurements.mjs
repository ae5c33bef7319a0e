import { get } from 'node:http'
import { metrics, trace } from '@opentelemetry/api'
import express from 'express'
import pg from 'pg'

// Everything that measures a request, over connections that the first request opens and the others share.
const pool = new pg.Pool({ max: 1 })
const meter = metrics.getMeter('shop')
const orders = meter.createCounter('shop.orders')
const prices = meter.createHistogram('shop.price', { advice: { explicitBucketBoundaries: [10, 100] } })
const tracer = trace.getTracer('shop')

const app = express()
app.get('/stock', (_request, response) => response.json({ left: 1 }))
app.get('/orders/:id', async (_request, response) => {
  const stock = `http://127.0.0.1:${server.address().port}/stock`
  await (await fetch(stock)).json()
  await new Promise((resolve) => get(stock, (answer) => answer.resume().on('end', resolve)))
  await pool.query('SELECT 1 AS id')
  await new Promise((resolve) => pool.query('SELECT 2 AS id', resolve))
  tracer.startActiveSpan('place order', (span) => {
    orders.add(1, { kind: 'web' })
    prices.record(42)
    span.end()
  })
  response.json({ ok: true })
})

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`)
})
