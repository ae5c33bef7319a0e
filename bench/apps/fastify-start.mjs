import Fastify from 'fastify'

const app = Fastify()
app.get('/users/:id', async (request) => ({ id: request.params.id }))
await app.listen({ port: 0, host: '127.0.0.1' })
await app.close()
