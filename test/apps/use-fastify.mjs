import fastify from 'fastify'

const app = fastify()
app.get('/users/:id', async (request) => ({ id: request.params.id }))
app.get('/fail', async () => {
  throw new Error('thrown by the app')
})

await app.listen({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1' })
console.log(`listening ${app.server.address().port}`)
