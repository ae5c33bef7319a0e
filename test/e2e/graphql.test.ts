import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRAMEWORKS, frameworkScript, withoutFrameworks } from '../support/framework-matrix.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { startServingApp } from '../support/serving-app.ts'
import { spanTree } from '../support/span-tree.ts'

/** Both schemas have a list of 1,000 items of three fields, and a field that fails. */
const CASES: readonly { readonly query: string; readonly tree: string }[] = [
  { query: 'query Shop { items { id name price } }', tree: 'server GET\n└─ internal query Shop' },
  { query: '{ items { id } }', tree: 'server GET\n└─ internal query' },
  { query: 'query Broken { fails { id } }', tree: 'server GET\n└─ internal query Broken error (1 exception)' },
]

for (const module of ['cjs', 'mjs'] as const) {
  for (const [server, path] of [
    ['graphql-js', '/'],
    ['Yoga', '/graphql'],
  ] as const) {
    test(`${server}, ${module}: one span an operation, with its errors`, { skip: withoutFrameworks() }, async (t) => {
      const [framework = assert.fail()] = FRAMEWORKS
      const app = await startServingApp(t, { app: frameworkScript(framework, module), args: ['graphql'] })
      for (const { query, tree } of CASES) {
        app.receiver.spans.splice(0)
        const { body } = await app.get(`${path}?query=${encodeURIComponent(query)}`, { 'x-frozen': 'yes' })
        assert.equal(
          JSON.parse(body).errors?.[0]?.message,
          query.includes('Broken') ? 'thrown by a resolver' : undefined,
        )
        await app.receiver.waitForSpans((spans) => spanTree(spans, describe) === tree, 5_000).catch(() => {})
        assert.equal(spanTree(app.receiver.spans, describe), tree)
      }
    })
  }
}

test(
  'spans of resolvers on request: the items of a list as one, and the SERVER span is there',
  { skip: withoutFrameworks() },
  async (t) => {
    const [framework = assert.fail()] = FRAMEWORKS
    const app = await startServingApp(t, {
      app: frameworkScript(framework, 'cjs'),
      args: ['graphql'],
      env: { OBS_FRAMEWORK_SPANS: 'all' },
    })
    await app.get(`/?query=${encodeURIComponent('{ items { id name price } }')}`)
    const spans = await app.receiver.waitForSpans((all) => all.some(({ kind }) => kind === 'server'))
    const resolvers = spans.filter(({ name }) => name.startsWith('graphql.resolve'))
    assert.ok(resolvers.length > 0 && resolvers.length < 10, `${resolvers.length} resolvers`)
  },
)

function describe({ kind, name, status, events }: ReceivedSpan): string {
  return `${kind} ${name}${status === 'error' ? ` error (${events.length} exception)` : ''}`
}
