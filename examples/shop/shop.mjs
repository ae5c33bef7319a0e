import { getMeter, withSpan } from '@paxx/obs'
import express from 'express'
import pg from 'pg'

/**
 * A small shop API. Nothing in it starts telemetry: the flag `--import @paxx/obs/register` does. What it adds of its own
 * is one span and one counter, about things that no instrumentation can know.
 */
const { PORT = '3000', STOCK_URL = 'http://localhost:3001' } = process.env
const db = new pg.Pool()
const orders = getMeter('shop').createCounter('shop.orders', { description: 'Orders by outcome' })

const app = express()
app.use(express.json())

app.get('/products', async (_request, response) => {
  const { rows } = await db.query('SELECT id, name, price_cents FROM products ORDER BY id')
  response.json(rows)
})

// A statement for each order, where one join would do: the page of the side port hints at it.
app.get('/reports/orders', async (_request, response) => {
  const { rows } = await db.query('SELECT id, product_id FROM orders ORDER BY id LIMIT 8')
  const lines = []
  for (const { id, product_id } of rows) lines.push({ id, product: (await findProduct(product_id))?.name })
  response.json(lines)
})

// A statement that takes a third of a second.
app.get('/reports/sales', async (_request, response) => {
  const { rows } = await db.query('SELECT sum(total_cents) AS total_cents FROM orders, pg_sleep(0.3)')
  response.json(rows[0])
})

// One call to the other service for each product, all at once.
app.get('/availability', async (_request, response) => {
  const calls = [1, 2, 3, 4].map((id) => fetch(`${STOCK_URL}/stock/${id}`).then((stock) => stock.json()))
  response.json(await Promise.all(calls))
})

app.get('/invoices/:id', (request) => {
  throw new Error(`no printer for invoice ${request.params.id}`)
})

app.get('/products/:id', async (request, response) => {
  const product = await findProduct(request.params.id)
  if (product) response.json(product)
  else response.status(404).json({ error: 'no such product' })
})

app.post('/orders', async (request, response) => {
  const { productId, quantity } = request.body
  const product = await findProduct(productId)
  if (!product) {
    orders.add(1, { outcome: 'unknown product' })
    return response.status(404).json({ error: 'no such product' })
  }
  const reserved = await fetch(`${STOCK_URL}/reservations/${productId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ quantity }),
  })
  if (!reserved.ok) {
    orders.add(1, { outcome: 'out of stock' })
    console.warn(`product ${productId} is out of stock, wanted ${quantity}`)
    return response.status(409).json({ error: 'out of stock' })
  }
  const totalCents = withSpan('price order', { attributes: { 'order.quantity': quantity } }, (span) => {
    const total = priceOf(product, quantity)
    span.setAttribute('order.total_cents', total)
    return total
  })
  const { rows } = await db.query(
    'INSERT INTO orders (product_id, quantity, total_cents) VALUES ($1, $2, $3) RETURNING id',
    [productId, quantity, totalCents],
  )
  orders.add(1, { outcome: 'placed' })
  console.info(`order ${rows[0].id} placed for ${totalCents} cents`)
  return response.status(201).json({ id: rows[0].id, totalCents })
})

async function findProduct(id) {
  const { rows } = await db.query('SELECT id, name, price_cents FROM products WHERE id = $1', [Number(id) || 0])
  return rows[0]
}

function priceOf(product, quantity) {
  const discount = quantity >= 10 ? 0.9 : 1
  return Math.round(product.price_cents * quantity * discount)
}

const server = app.listen(Number(PORT), 'localhost', () => {
  console.log(`shop listening on http://localhost:${server.address().port}`)
})
