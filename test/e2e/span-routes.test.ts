import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'

const REPORTED = '/reported/[id]'
const CATCH_ALL = '/{*rest}'

/** By path: the route of a request of which a span in it tells one, behind a route of Express that takes all. */
const ROUTES: Readonly<Record<string, string>> = {
  '/at-start': REPORTED,
  '/later': REPORTED,
  '/second-server-span': REPORTED,
  '/server-span': REPORTED,
  '/deep': REPORTED,
  '/first-counts': REPORTED,
  '/named/7': '/named/:id',
  // A wildcard gives way to what is below it.
  '/rpc/users.get': '/rpc/users.get',
  '/rpc/elsewhere': '/rpc/*rest',
  '/rpc/wider': '/rpc/*rest',
  '/of-a-call': CATCH_ALL,
  '/of-another-trace': CATCH_ALL,
  '/no-text': CATCH_ALL,
}

const paths = Object.keys(ROUTES)

const isOurs = ({ kind, attributes }: ReceivedSpan): boolean => kind === 'server' && 'url.path' in attributes
const byPath = (a: unknown[], b: unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1)

test('a route set on a span of the request is used for its SERVER span', async (t) => {
  const app = await startServingApp(t, { app: 'use-reported-routes.mjs' })
  for (const path of paths) await app.get(path)
  const spans = await app.receiver.waitForSpans((all) => all.filter(isOurs).length === paths.length)
  const reported = spans
    .filter(isOurs)
    .map(({ attributes, name }) => [attributes['url.path'], attributes['http.route'], name])
  assert.deepEqual(
    reported.toSorted(byPath),
    Object.entries(ROUTES)
      .map(([path, route]) => [path, route, `GET ${route}`])
      .toSorted(byPath),
  )
})

for (const sampler of ['always_on', 'always_off']) {
  test(`the metrics have it too, with the sampler ${sampler}`, async (t) => {
    const app = await startServingApp(t, { app: 'use-reported-routes.mjs', env: { OTEL_TRACES_SAMPLER: sampler } })
    for (const path of paths) await app.get(path)
    await eventually(async () => (await scrape(app.sidePort)).sum('http_requests_total') === paths.length)
    const metrics = await scrape(app.sidePort)
    for (const endpoint of new Set(Object.values(ROUTES))) {
      const expected = paths.filter((path) => ROUTES[path] === endpoint).length
      assert.equal(metrics.sum('http_requests_total', { endpoint }), expected, endpoint)
    }
  })
}
