const { createServer } = require('node:http')
const pg = require('pg')

const pool = new pg.Pool()
const server = createServer(async (_request, response) => {
  const { rows } = await pool.query('SELECT $1::int AS id', [7])
  response.end(JSON.stringify(rows))
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`)
})
