/** Asked by strangers for anything, and asks many hosts itself: nothing of it may become the label of a metric without end. */
import { get } from 'node:http'
import express from 'express'

const nobody = (_name, _options, done) => done(Object.assign(new Error('nobody there'), { code: 'ENOTFOUND' }))

const app = express()
app.get('/users/:id', (_, response) => response.end('ok'))
app.get('/outgoing/:from/:count', async (request, response) => {
  const [from, count] = [Number(request.params.from), Number(request.params.count)]
  for (let n = from; n < from + count; n++) {
    await new Promise((done) => get({ host: `host-${n}.test`, lookup: nobody, agent: false }).once('error', done))
  }
  response.end('asked')
})
const server = app.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`))
