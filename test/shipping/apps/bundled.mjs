// Serves itself one request, which asks a database that is not there, and ends.
import express from 'express'
import { Client } from 'pg'

const app = express()
app.get('/users/:id', async (request, response) => {
  const client = new Client({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 500 })
  await client.connect().catch(() => {})
  response.json({ id: request.params.id })
})
const server = app.listen(0, '127.0.0.1', async () => {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/users/7`)
  console.log(await response.text())
  // A line of a package and one of the app, as the source maps have them.
  console.log(places(() => express().use()))
  setTimeout(() => server.close(), Number(process.env.LINGER_MS ?? 0))
})

function places(fails) {
  try {
    fails()
  } catch (error) {
    const found = [...error.stack.matchAll(/([\w.]+\.m?js)(?:\?\w+)?:(\d+):\d+/g)].map(
      ([, file, line]) => `${file}:${line}`,
    )
    return [found[0], found.find((place) => place.startsWith('app.mjs'))].join(' ')
  }
}
