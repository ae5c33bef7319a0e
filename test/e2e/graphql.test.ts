import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRAMEWORKS, frameworkScript, withoutFrameworks } from '../support/framework-matrix.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { type ServingApp, startServingApp } from '../support/serving-app.ts'
import { spanTree } from '../support/span-tree.ts'

/** What each row of the matrix serves, below the path of its name in the app of the framework matrix. */
const SERVERS: Readonly<Record<string, readonly string[]>> = {
  'GraphQL: graphql-js 16, Yoga 5, graphql-http, Apollo 5, Mercurius 16': [
    'js',
    'yoga',
    'http',
    'apollo',
    'mercurius',
    'jit',
  ],
  'GraphQL: Apollo 4': ['apollo'],
  'GraphQL: graphql-js 17, Yoga 5, graphql-http': ['js', 'yoga', 'http'],
}

interface Case {
  readonly query: string
  readonly variables?: object
  /** Below the SERVER span, with the type of error and the exceptions. */
  readonly span: string
}

const CASES: readonly Case[] = [
  { query: 'mutation Add { add(id: 4711) { id } }', span: 'mutation Add' },
  { query: 'query Broken { fails { id } }', span: 'query Broken TypeError (TypeError: thrown by a resolver)' },
  { query: 'query Broken { failsLater { id } }', span: 'query Broken ELATER (ELATER: later)' },
]

for (const [name, servers] of Object.entries(SERVERS)) {
  test(`${name}: one span an operation, with the errors of its resolvers`, { skip: withoutFrameworks() }, async (t) => {
    const app = await startGraphQL(t, name)
    for (const server of servers) {
      for (const { query, span } of CASES) {
        for (let time = 0; time < (server === 'jit' ? 2 : 1); time += 1) {
          const expected = `server POST /${server}\n└─ internal ${span}`
          assert.equal(await treeOf(app, server, { query }, expected), expected, query)
        }
      }
    }
  })
}

test(
  'values and comments of a document are not exported, nor are variables',
  { skip: withoutFrameworks() },
  async (t) => {
    const app = await startGraphQL(t, 'GraphQL: graphql-js 16, Yoga 5, graphql-http, Apollo 5, Mercurius 16')
    const query = '# planted\nquery One($secret: Int) { item(id: $secret) { id } other: item(id: 4711) { name } }'
    await treeOf(app, 'js', { query, variables: { secret: 815 } }, 'server POST /js\n└─ internal query One')
    const [span] = app.receiver.spans.filter(({ name }) => name === 'query One')
    assert.deepEqual(span?.attributes, {
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'One',
      'graphql.document': '\nquery One($secret: Int) { item(id: $secret) { id } other: item(id: *) { name } }',
    })
  },
)

const MANY = Array.from({ length: 500 }, (_, at) => `a${at}: item(id: ${at}) { id }`).join(' ')

/** How many spans of resolvers each operation has with `OBS_FRAMEWORK_SPANS=all`: Apollo gives every field a resolver. */
const RESOLVERS: Readonly<Record<string, { readonly count: number; readonly ofApollo: number }>> = {
  '{ items { id name price } }': { count: 1, ofApollo: 4 },
  '{ one: item(id: 1) { id } two: item(id: 2) { id } }': { count: 2, ofApollo: 4 },
  [`{ ${MANY} }`]: { count: 100, ofApollo: 100 },
}

for (const [name, servers] of Object.entries(SERVERS).filter(([each]) => !each.endsWith('Apollo 4'))) {
  test(`${name}: spans of resolvers are merged and bounded`, { skip: withoutFrameworks() }, async (t) => {
    const app = await startGraphQL(t, name, { OBS_FRAMEWORK_SPANS: 'all' })
    // A compiled operation calls no function that could be seen, and graphql-js 17 does not tell functions of a root value from fields.
    for (const server of servers.filter((each) => each !== 'jit' && !(name.includes('js 17') && each !== 'yoga'))) {
      for (const [query, { count, ofApollo }] of Object.entries(RESOLVERS)) {
        app.receiver.spans.splice(0)
        await post(app, server, { query })
        await app.receiver.waitForSpans((all) => all.some(({ kind }) => kind === 'server'))
        const resolvers = app.receiver.spans.filter((each) => each.name.startsWith('graphql.resolve'))
        assert.equal(resolvers.length, server === 'apollo' ? ofApollo : count, `${server} ${query.slice(0, 60)}`)
        const operation = app.receiver.spans.find((each) => each.name === 'query')
        assert.equal(Number(operation?.attributes['graphql.fields.omitted'] ?? 0) > 0, count === 100)
      }
    }
    const batching = name.includes('Mercurius') ? ['yoga', 'mercurius', 'batched'] : []
    for (const server of batching) await assertBatchIsBounded(app, server)
  })
}

/** A batch has at most 100 operations with spans, and 200 spans of parsing and validation. */
async function assertBatchIsBounded(app: ServingApp, server: string): Promise<void> {
  app.receiver.spans.splice(0)
  const batch = Array.from({ length: 110 }, (_, at) => ({ query: `query Q${at} { item(id: ${at}) { id } }` }))
  await post(app, server, batch)
  const all = await app.receiver.waitForSpans((spans) => spans.some(({ kind }) => kind === 'server'))
  const served = all.find(({ kind }) => kind === 'server')
  const names = all.flatMap(({ traceId, name }) => (traceId === served?.traceId ? [name] : []))
  assert.equal(names.filter((each) => each.startsWith('query Q')).length, 100, server)
  assert.equal(names.filter((each) => /^graphql\.(parse|validate)$/.test(each)).length, 200, server)
  assert.equal(served?.attributes['graphql.operations.omitted'], 10, server)
}

async function startGraphQL(
  t: Parameters<typeof startServingApp>[0],
  name: string,
  env: Record<string, string> = {},
): Promise<ServingApp> {
  const framework = FRAMEWORKS.find((each) => each.name === name) ?? assert.fail()
  const [module = 'mjs'] = framework.modules
  return await startServingApp(t, { app: frameworkScript(framework, module), args: [framework.app], env })
}

async function post({ port }: ServingApp, server: string, params: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/${server}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(params),
  })
  await response.text()
}

async function treeOf(app: ServingApp, server: string, params: object, expected: string): Promise<string> {
  app.receiver.spans.splice(0)
  await post(app, server, params)
  await app.receiver.waitForSpans((spans) => spanTree(spans, describe) === expected, 30_000).catch(() => {})
  return spanTree(app.receiver.spans, describe)
}

function describe({ kind, name, attributes, events }: ReceivedSpan): string {
  const exceptions = events.map(
    (each) => `${each.attributes['exception.type']}: ${each.attributes['exception.message']}`,
  )
  const error = attributes['error.type'] === undefined ? '' : ` ${attributes['error.type']} (${exceptions.join()})`
  return `${kind} ${name}${error}`
}
