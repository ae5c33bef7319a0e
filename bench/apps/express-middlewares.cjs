require('./report-cpu.cjs')
const express = require('express')

const app = express()
app.use((_request, _response, next) => next())
app.use((_request, _response, next) => next())
app.get('/users/:id', (request, response) => {
  response.json({ id: request.params.id })
})
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
