/** Asked by strangers for anything, and counts by what it is told: nothing of it may become the label of a metric without end. */
import { metrics } from '@opentelemetry/api'
import express from 'express'

const calls = metrics.getMeter('strangers').createCounter('calls')

const app = express()
app.get('/users/:id', (_, response) => response.end('ok'))
app.get('/count/:from/:to', (request, response) => {
  const { from, to } = request.params
  for (let caller = Number(from); caller < Number(to); caller++) calls.add(1, { caller })
  response.end('counted')
})
const server = app.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
