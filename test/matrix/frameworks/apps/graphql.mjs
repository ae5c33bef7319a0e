import { createServer } from 'node:http'

const TYPES = `
  type Item { id: Int, name: String, price: Int }
  type Query { items: [Item], item(id: Int): Item, fails: Item, failsLater: Item, hangs: Item }
  type Mutation { add(id: Int): Item }
`
const ITEMS = Array.from({ length: 1000 }, (_, id) => ({ id, name: `item ${id}`, price: id }))
const QUERY = {
  items: () => ITEMS,
  item: (_parent, { id }) => ITEMS[id],
  fails() {
    throw new TypeError('thrown by a resolver')
  },
  hangs: () => new Promise(() => {}),
  async failsLater() {
    await new Promise((resolve) => setImmediate(resolve))
    throw Object.assign(new Error('later'), { code: 'ELATER' })
  },
}
const RESOLVERS = { Query: QUERY, Mutation: { add: (_parent, { id }) => ITEMS[id] } }

/** Each takes the endpoint, and gives a listener of requests. */
const SERVERS = {
  /** graphql-js itself, with a context value that nobody can write into. */
  async js(_endpoint, load) {
    const { buildSchema, graphql } = await load('graphql')
    const schema = buildSchema(TYPES)
    const rootValue = Object.freeze({
      ...QUERY,
      item: ({ id }) => ITEMS[id],
      add: ({ id }) => ITEMS[id],
    })
    return async (request, response) => {
      const { query, variables, operationName } = await paramsOf(request)
      const result = await graphql({
        schema,
        source: String(query),
        rootValue,
        operationName,
        variableValues: variables,
        contextValue: Object.freeze({}),
      })
      response.setHeader('content-type', 'application/json').end(JSON.stringify(result))
    }
  },
  async yoga(endpoint, load) {
    const { createSchema, createYoga } = await load('graphql-yoga')
    const schema = createSchema({ typeDefs: TYPES, resolvers: RESOLVERS })
    return createYoga({ schema, graphqlEndpoint: endpoint, maskedErrors: false, logging: false, batching: { limit: 1000 } })
  },
  async http(_endpoint, load) {
    const { buildSchema } = await load('graphql')
    const { createHandler } = await load('graphql-http/lib/use/http')
    const rootValue = { ...QUERY, item: ({ id }) => ITEMS[id], add: ({ id }) => ITEMS[id] }
    return createHandler({ schema: buildSchema(TYPES), rootValue })
  },
  /** As the others, but with a parameter below its endpoint. */
  tenants: async (endpoint, load) => await SERVERS.yoga(`${endpoint}/:tenant`, load),
  mounted: async (endpoint, load) => await SERVERS.apollo(`${endpoint}/:tenant`, load),
  /** Takes several operations in one request. */
  batched: async (endpoint, load) => await SERVERS.apollo(endpoint, load, { allowBatchedHttpRequests: true }),
  async apollo(endpoint, load, options = {}) {
    const { ApolloServer } = await load('@apollo/server')
    const express = await load('express')
    const { expressMiddleware } = await firstOf(load, '@as-integrations/express5', '@apollo/server/express4')
    const server = new ApolloServer({
      typeDefs: TYPES,
      resolvers: RESOLVERS,
      includeStacktraceInErrorResponses: false,
      stopOnTerminationSignals: false,
      ...options,
    })
    await server.start()
    return express().use(endpoint, express.json(), expressMiddleware(server))
  },
  mercurius: (endpoint, load) => mercurius(endpoint, load, {}),
  /** Compiled from the second time on that an operation is asked for. */
  jit: (endpoint, load) => mercurius(endpoint, load, { jit: 1 }),
}

async function mercurius(endpoint, load, options) {
  const app = (await load('fastify'))()
  app.register(await load('mercurius'), {
    schema: TYPES,
    resolvers: RESOLVERS,
    path: endpoint,
    allowBatchedQueries: true,
    ...options,
  })
  await app.ready()
  return app.routing
}

async function firstOf(load, ...names) {
  const [name, ...others] = names
  try {
    return await load(name)
  } catch (error) {
    if (others.length === 0 || !/MODULE_NOT_FOUND/.test(error.code)) throw error
    return await firstOf(load, ...others)
  }
}

/** Serves each below its own name. */
export function serving(names) {
  return async (load) => {
    const listeners = {}
    for (const name of names) listeners[name] = await SERVERS[name](`/${name}`, load)
    return createServer((request, response) => {
      const [, name] = /^\/(\w+)/.exec(request.url) ?? []
      if (name in listeners) return listeners[name](request, response)
      response.statusCode = 404
      response.end('none')
    })
  }
}

export const build = serving(Object.keys(SERVERS))

async function paramsOf(request) {
  const { searchParams } = new URL(request.url, 'http://host')
  if (request.method === 'GET') {
    const { variables = 'null', ...params } = Object.fromEntries(searchParams)
    return { ...params, variables: JSON.parse(variables) }
  }
  const chunks = await request.toArray()
  return JSON.parse(Buffer.concat(chunks).toString())
}
