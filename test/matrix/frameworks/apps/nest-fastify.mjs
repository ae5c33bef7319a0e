import { make } from './nest.mjs'

export async function build(load) {
  const { FastifyAdapter } = await load('@nestjs/platform-fastify')
  const app = await make(load, new FastifyAdapter(), '*')
  await app.listen(0, '127.0.0.1')
  return app.getHttpServer()
}
