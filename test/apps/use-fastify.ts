import fastify from 'fastify'
import type { AddressInfo } from 'node:net'

const app = fastify()
app.get('/users/:id', async (request: any) => ({ id: request.params.id }))
app.get('/fail', async () => {
  throw new Error('thrown by the app')
})

await app.listen({ port: Number(process.env.PORT ?? 0), host: '127.0.0.1' })
console.log(`listening ${(app.server.address() as AddressInfo).port}`)
