import { createServer } from 'node:http'

function fails() {
  throw new Error('thrown by a resolver')
}

/** The same schema served by graphql-js itself and by Yoga. */
export async function build(load) {
  const { buildSchema, graphql } = await load('graphql')
  const schema = buildSchema('type Item { id: Int, name: String, price: Int } type Query { items: [Item], fails: Item }')
  const items = Array.from({ length: 1000 }, (_, id) => ({ id, name: `item ${id}`, price: id }))
  const rootValue = Object.freeze({ items: () => items, fails })
  const { createSchema, createYoga } = await load('graphql-yoga')
  const yoga = createYoga({
    schema: createSchema({
      typeDefs: 'type Item { id: Int, name: String, price: Int } type Query { items: [Item], fails: Item }',
      resolvers: { Query: { items: () => items, fails } },
    }),
    maskedErrors: false,
    logging: false,
  })
  return createServer(async (request, response) => {
    if (request.url.startsWith('/graphql')) return await yoga(request, response)
    const source = new URL(request.url, 'http://host').searchParams.get('query')
    const result = await graphql({ schema, source, rootValue, contextValue: request.headers['x-frozen'] ? Object.freeze({}) : {} })
    response.setHeader('content-type', 'application/json').end(JSON.stringify(result))
  })
}
