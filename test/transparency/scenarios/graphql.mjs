// packages: graphql
export default async function ({ load, say, attempt }) {
  const graphql = await load('graphql')
  const {
    buildSchema,
    execute,
    parse,
    validate,
    subscribe,
    GraphQLSchema,
    GraphQLObjectType,
    GraphQLString,
    GraphQLList,
  } = graphql
  say('functions', graphql.graphql, execute, parse, validate, subscribe, graphql.graphqlSync)
  const contexts = []
  const resolve = Object.freeze(function resolve(source, args, context, info) {
    contexts.push([typeof context, context, arguments.length, info.fieldName])
    return args.name === 'bad' ? Promise.reject(Object.assign(new RangeError('bad'), { code: 'E_BAD' })) : 'hello'
  })
  const type = new GraphQLObjectType({
    name: 'Query',
    fields: {
      hello: { type: GraphQLString, args: { name: { type: GraphQLString } }, resolve },
      list: { type: new GraphQLList(GraphQLString), resolve: () => ['a', 'b'] },
    },
  })
  const schema = new GraphQLSchema({ query: type })
  const run = (source, contextValue, more = {}) =>
    graphql.graphql(Object.freeze({ schema, source, contextValue, ...more }))
  const seen = ({ data, errors, ...more }) => ({
    data: data && { ...data },
    errors: errors?.map(({ message, path, originalError }) => [message, path, originalError]),
    keys: Object.keys(more),
  })
  for (const context of [undefined, null, 'text', 5, {}, Object.freeze({ user: 1 }), Object.create(null)])
    await attempt('query', () => run('{ hello list }', context).then(seen))
  say('contexts', contexts)
  say(
    'keys of a context',
    await (async () => {
      const context = { user: 1 }
      await run('{ hello }', context)
      return [Reflect.ownKeys(context).map(String), contexts.at(-1)[1] === context]
    })(),
  )
  await attempt('failing', () => run('{ hello(name: "bad") }').then(seen))
  await attempt('syntax error', () => run('{ hello').then(seen))
  await attempt('invalid', () => run('{ nothing }').then(seen))
  await attempt('parse', () => parse('{ hello').kind)
  await attempt('execute', () => execute({ schema, document: parse('{ hello }'), contextValue: 'text' }).then(seen))
  await attempt('execute without a schema', () => execute({ document: parse('{ hello }') }))
  await attempt('variables', () =>
    run('query q($n: String) { hello(name: $n) }', undefined, {
      variableValues: Object.freeze({ n: 'x' }),
      operationName: 'q',
    }).then(seen),
  )
  say(
    'resolver',
    schema.getQueryType().getFields().hello.resolve === resolve,
    schema.getQueryType().getFields().hello.resolve,
  )
  const built = buildSchema('type Query { hello: String }')
  await attempt('built', () =>
    graphql
      .graphql({ schema: built, source: '{ hello }', rootValue: Object.freeze({ hello: () => 'root' }) })
      .then(seen),
  )
  say('fields', Object.keys(built.getQueryType().getFields().hello).toSorted())
}
