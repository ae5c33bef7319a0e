// packages: @trpc/server
// without-spans: by default only the request has one
import { once } from 'node:events'
import { ask } from '../ask.mjs'

export default async function ({ load, say, attempt }) {
  const { initTRPC, TRPCError } = await load('@trpc/server')
  const { createHTTPServer } = await load('@trpc/server/adapters/standalone')
  say('functions', initTRPC.create, TRPCError)
  const t = initTRPC.context().create({ errorFormatter: ({ shape }) => shape })
  say('made', Object.keys(t).toSorted(), t.router, t.mergeRouters, t.createCallerFactory)
  const handler = Object.freeze(({ input }) => input ?? 'nothing')
  const users = t.router({
    byId: t.procedure.query(handler),
    add: t.procedure.mutation(() => 'added'),
    none: t.procedure.query(function none() {
      throw new TRPCError({ code: 'NOT_FOUND', message: 'no such user' })
    }),
  })
  const definition = Object.freeze({
    users,
    fails: t.procedure.query(function fails() {
      throw new RangeError('failed')
    }),
    nested: t.procedure.query(async () => await router.createCaller({}).users.byId()),
  })
  const router = t.router(definition)
  const { procedures } = router._def
  say('router', Object.keys(router).toSorted(), Object.keys(procedures), Object.keys(router._def).toSorted())
  say(
    'procedures',
    procedures['users.byId'] === users._def.procedures.byId,
    'fails' in procedures,
    procedures.nope,
    Reflect.ownKeys(procedures).length,
  )
  say('as JSON', JSON.stringify(Object.keys({ ...procedures })))
  const merged = t.mergeRouters(users, t.router({ more: t.procedure.query(() => 1) }))
  say('merged', Object.keys(merged._def.procedures))
  await attempt('merged twice', () => t.mergeRouters(users, users))
  await attempt('reserved name', () => t.router({ then: t.procedure.query(() => 1) }))
  const caller = router.createCaller({})
  await attempt('called', () => caller.users.byId())
  await attempt('called and fails', async function asks() {
    return await caller.fails()
  })
  await attempt('called by no name', () => caller.nope())
  const errors = []
  const made = createHTTPServer({ router, onError: ({ error, path, type }) => errors.push([error, path, type]) })
  const server = made.server ?? made
  made.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const paths = [
    '/users.byId',
    '/users.none',
    '/fails',
    '/nested',
    '/nope',
    '/users.byId,users.none?batch=1',
    '/users.add',
  ]
  for (const path of paths) {
    const { status, headers, text } = await ask(port, path)
    say(path, status, headers['content-type'], text.replaceAll(/"stack":"[^"]*"?/g, ''))
  }
  say(
    'POST',
    await ask(port, '/users.add', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
  )
  say('errors', errors)
  server.close()
}
