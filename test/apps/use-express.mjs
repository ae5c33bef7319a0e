import express from 'express'

const app = express()
app.get('/users/:id', (request, response) => {
  response.json({ id: request.params.id })
})
app.get('/fail', () => {
  throw new Error('thrown by the app')
})
app.use((error, _request, response, _next) => {
  response.status(500).json({ error: error.message })
})

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`listening ${server.address().port}`)
})
