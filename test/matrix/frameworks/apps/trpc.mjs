import { createServer } from 'node:http'

/**
 * One router, on its own below /own, in Express below /trpc and in Fastify below /fast, and below paths of which clients
 * choose a part.
 */
export async function build(load, loadAll) {
  const { initTRPC, TRPCError } = await loadAll('@trpc/server')
  const { z } = await loadAll('zod')
  const t = initTRPC.create()
  const users = t.router({
    byId: t.procedure.input(z.object({ id: z.string() })).query(({ input }) => input.id),
    list: t.procedure.query(() => ['a', 'b']),
    add: t.procedure.input(z.string()).mutation(({ input }) => input),
    none: t.procedure.query(() => {
      throw new TRPCError({ code: 'NOT_FOUND' })
    }),
  })
  const refuses = t.procedure.use(() => {
    throw new TRPCError({ code: 'UNAUTHORIZED' })
  })
  const router = t.router({
    users,
    fails: t.procedure.query(() => {
      throw new Error('thrown')
    }),
    failsLater: t.procedure.query(async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('later')
    }),
    private: refuses.query(() => 'secret'),
    hang: t.procedure.query(() => new Promise(() => {})),
    calls: t.procedure.query(async () => await router.createCaller({}).users.list()),
  })
  const { createHTTPHandler } = await loadAll('@trpc/server/adapters/standalone')
  const { createExpressMiddleware } = await loadAll('@trpc/server/adapters/express')
  const { fastifyTRPCPlugin } = await loadAll('@trpc/server/adapters/fastify')
  const express = await load('express')
  const app = express()
  app.use('/trpc', createExpressMiddleware({ router }))
  const trpc = createExpressMiddleware({ router })
  app.use('/tenants/:tenant/trpc', trpc)
  app.use('/nested/:tenant', express.Router().use('/trpc', trpc))
  const { nodeHTTPRequestHandler } = await loadAll('@trpc/server/adapters/node-http')
  app.use('/custom/:tenant', (req, res) =>
    nodeHTTPRequestHandler({ router, req, res, path: req.path.slice('/trpc/'.length) }),
  )
  const fastify = (await load('fastify'))({ routerOptions: { maxParamLength: 5000 } })
  fastify.register(fastifyTRPCPlugin, { prefix: '/fast', trpcOptions: { router } })
  await fastify.ready()
  const own = createHTTPHandler({ router, basePath: '/own/' })
  return createServer((request, response) => {
    const [, path] = /^\/chosen\/[^/]+\/trpc\/([^?]+)/.exec(request.url) ?? []
    if (path !== undefined) nodeHTTPRequestHandler({ router, req: request, res: response, path })
    else if (request.url.startsWith('/own')) own(request, response)
    else if (request.url.startsWith('/fast')) fastify.routing(request, response)
    else app(request, response)
  })
}
