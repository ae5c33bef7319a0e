import { createServer } from 'node:http'
import { setRoute } from '@paxx/obs'

/** The shop's second service, on bare node:http: it names its route itself, since no framework does. */
const { PORT = '3001' } = process.env
const available = new Map([1, 2, 3, 4].map((productId) => [productId, 1_000]))

const server = createServer(async (request, response) => {
  const [, productId] = /^\/reservations\/(\d+)$/.exec(request.url ?? '') ?? []
  const [, stockOf] = /^\/stock\/(\d+)$/.exec(request.url ?? '') ?? []
  if (stockOf !== undefined) {
    setRoute('/stock/:productId')
    return response.end(JSON.stringify({ left: available.get(Number(stockOf)) ?? 0 }))
  }
  if (request.method !== 'POST' || productId === undefined) return response.writeHead(404).end()
  setRoute('/reservations/:productId')
  const { quantity } = await bodyOf(request)
  const left = (available.get(Number(productId)) ?? 0) - quantity
  if (left < 0) return response.writeHead(409).end()
  available.set(Number(productId), left)
  return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ left }))
})

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

server.listen(Number(PORT), 'localhost', () => {
  console.log(`stock listening on http://localhost:${server.address().port}`)
})
