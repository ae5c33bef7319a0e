import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitStderr } from '../support/own-lines.ts'
import { scrape } from '../support/scrape.ts'
import { type ServingApp, startServingApp } from '../support/serving-app.ts'
import { spanTree } from '../support/span-tree.ts'
import { eventually } from '../support/eventually.ts'

/** What is left of the spans that Next.js makes, and of a library's own, with these settings. */
const CASES: readonly { readonly title: string; readonly env: Record<string, string>; readonly tree: string }[] = [
  {
    title: 'by default, the spans of Next.js that tell something',
    env: {},
    tree: `
server GET /shop/[id]
└─ internal render route (app) /shop
   ├─ internal of the app
   └─ internal prisma:query`,
  },
  {
    title: 'OBS_IGNORE_SCOPES',
    env: { OBS_IGNORE_SCOPES: 'next.js,pris*' },
    tree: `
server GET /shop/[id]
└─ internal of the app`,
  },
  {
    title: 'OBS_FRAMEWORK_SPANS=all',
    env: { OBS_FRAMEWORK_SPANS: 'all' },
    tree: `
server GET /shop/[id]
└─ internal GET /shop
   ├─ internal resolve page components
   └─ internal render route (app) /shop
      └─ internal fetch GET http://host/
         ├─ internal of the app
         └─ internal prisma:query`,
  },
]

for (const { title, env, tree } of CASES) {
  test(title, async (t) => {
    const app = await startServingApp(t, { app: 'use-scopes.mjs', env })
    await app.get('/shop?token=hidden')
    const expected = tree.trim()
    await app.receiver.waitForSpans((spans) => spanTree(spans) === expected, 30_000).catch(() => {})
    assert.equal(spanTree(app.receiver.spans), expected)
    const names = app.receiver.spans.map(({ name, attributes }) => [name, attributes['next.span_name']])
    assert.doesNotMatch(JSON.stringify(names), /hidden/)
    assert.deepEqual(await linesOf(app), [])
  })
}

test('a route that a framework reports late is used, sampled or not, and one that is too late is not logged', async (t) => {
  const app = await startServingApp(t, { app: 'use-scopes.mjs', env: { OTEL_TRACES_SAMPLER: 'always_off' } })
  const paths = { '/late': '/late/[id]', '/shop': '/shop/[id]', '/api/old/7': '/api/old/[id]' }
  for (const path of Object.keys(paths)) await app.get(path)
  await eventually(async () => (await scrape(app.sidePort)).sum('http_requests_total') === 3)
  const metrics = await scrape(app.sidePort)
  for (const endpoint of Object.values(paths)) assert.equal(metrics.sum('http_requests_total', { endpoint }), 1)
  assert.deepEqual(await linesOf(app), [])
})

async function linesOf(app: ServingApp): Promise<string[]> {
  await app.process.waitFor(/metrics on/, 'stderr')
  const { own, app: others } = splitStderr(app.process.stderr)
  return [...own.slice(1), ...others]
}
