import { createServer } from 'node:http'

const field = (name, number, type) => ({ name, number, type, label: 1, jsonName: name })
const method = (name, serverStreaming) => ({ name, inputType: '.shop.Item', outputType: '.shop.Item', serverStreaming })

/** A service as `protoc-gen-es` makes one: `Get` gives one item, `List` a stream of them. */
async function shopOf(load) {
  const { create, createFileRegistry } = await load('@bufbuild/protobuf')
  const { FileDescriptorProtoSchema, FileDescriptorSetSchema } = await load('@bufbuild/protobuf/wkt')
  const file = create(FileDescriptorProtoSchema, {
    name: 'shop.proto',
    package: 'shop',
    syntax: 'proto3',
    messageType: [{ name: 'Item', field: [field('id', 1, 5), field('name', 2, 9)] }],
    service: [{ name: 'Shop', method: [method('Get', false), method('List', true), method('Missing', false)] }],
  })
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getService('shop.Shop')
}

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
  return createServer((request, response) => {
    if (request.url === '/seen') response.end(seen.join())
    else adapter(request, response)
  })
}
