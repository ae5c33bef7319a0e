import { createServer } from 'node:http'
import pg from 'pg'
import type { AddressInfo } from 'node:net'

const pool = new pg.Pool()
const server = createServer(async (_request: unknown, response: any) => {
  const { rows } = await pool.query('SELECT $1::int AS id', [7])
  response.end(JSON.stringify(rows))
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${(server.address() as AddressInfo).port}`)
})
