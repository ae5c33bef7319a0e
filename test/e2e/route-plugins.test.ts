import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startNode } from '../support/run-node.ts'
import { httpGet } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'

const NAMES: Readonly<Record<string, string>> = {
  '/nitro-2/7': 'GET /nitro-2/:id',
  '/nitro-3/7': 'GET /nitro-3/:id',
  '/nitro-3-request/7': 'GET /nitro-3-request/:id',
  '/nitro-2/8': 'GET /nitro-2/:id',
  '/nitro-3/8': 'GET /nitro-3/:id',
  '/base/nitro-2/9': 'GET /nitro-2/:id',
  '/nitro-error': 'GET',
  '/sveltekit/8': 'GET /sveltekit/[id]',
  '/nitro-page': 'GET',
  '/nitro-nothing': 'GET',
  '/sveltekit/7': 'GET /sveltekit/[id]',
  '/sveltekit-root': 'GET /',
  '/sveltekit-nothing': 'GET',
  '/astro/7': 'GET /astro/[id]',
  '/astro-nothing': 'GET',
}

test('the plugins name the route and do not change the framework', async (t) => {
  const app = await startServingApp(t, { app: 'use-route-plugins.mjs' })
  for (const path of Object.keys(NAMES)) assert.equal((await app.get(path)).body, 'true', path)
  const spans = await app.receiver.waitForSpans((all) => all.length === Object.keys(NAMES).length)
  const named = Object.fromEntries(spans.map(({ name, attributes }) => [attributes['url.path'], name]))
  assert.deepEqual(named, NAMES)
})

test('the plugins do nothing without the preload', async (t) => {
  const bare = startNode(t, { app: 'use-route-plugins.mjs', preload: 'none' })
  const [, port] = await bare.waitFor(/^listening (\d+)$/m)
  for (const path of Object.keys(NAMES)) assert.equal((await httpGet(`http://127.0.0.1:${port}${path}`)).body, 'true')
})
