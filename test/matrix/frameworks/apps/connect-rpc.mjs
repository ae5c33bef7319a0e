import { createServer } from 'node:http'
import { shopOf } from '../connect-rpc-shop.mjs'

export async function build(load) {
  const { Code, ConnectError } = await load('@connectrpc/connect')
  const { connectNodeAdapter } = await load('@connectrpc/connect-node')
  const shop = await shopOf(load)
  const answer = async ({ id }) => {
    if (id === 404) throw new ConnectError('none', Code.NotFound)
    if (id === 500) throw new ConnectError('broken', Code.Internal)
    if (id === 503) throw new ConnectError('not now', Code.Unavailable)
    if (id === 1000) throw new TypeError('thrown')
    return { id, name: `item ${id}` }
  }
  const routes = (router) =>
    router.service(shop, {
      get: answer,
      async *list(request) {
        yield { id: 1, name: 'first' }
        yield await answer(request)
      },
    })
  const seen = []
  const interceptors = [
    (next) => async (request) => {
      seen.push(request.method.name)
      return await next(request)
    },
  ]
  const adapter = connectNodeAdapter({ routes, interceptors })
  console.log(adapter.name, adapter.length, routes.name)
  const mounting = (await load('express'))().use('/of/:tenant', adapter)
  const below = connectNodeAdapter({ routes, requestPathPrefix: '/below' })
  return createServer((request, response) => {
    if (request.url === '/seen') response.end(seen.join())
    else if (request.url.startsWith('/of/')) mounting(request, response)
    else if (request.url.startsWith('/below/')) below(request, response)
    else if (request.url.startsWith('/chosen/')) {
      request.url = request.url.replace(/^\/chosen\/[^/]+/, '')
      adapter(request, response)
    }
    else adapter(request, response)
  })
}
