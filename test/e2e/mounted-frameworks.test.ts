import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { runNode } from '../support/run-node.ts'

const FOLDER = join(ROOT, 'test/matrix/frameworks')

/** By path: the route, with the mounts of all the apps around the one that answers. */
const ROUTES: Readonly<Record<string, string | undefined>> = {
  '/api/things/1': '/api/things/:id',
  '/api/router/a': '/api/router/:name',
  '/api/nothing': undefined,
  '/express/tenants/7/deep': '/express/tenants/:tenant/deep',
  '/express/late/1': '/express/late/:id',
  ...Object.fromEntries(
    ['hono', 'koa', 'fastify', 'polka', 'find-my-way', 'h3'].flatMap((name) => [
      [`/tenants/7/${name}/of/1`, `/tenants/:tenant/${name}/of/:id`],
      [`/plain/${name}/of/1`, `/plain/${name}/of/:id`],
    ]),
  ),
  '/tenants/7/polka/inner/of/1': '/tenants/:tenant/polka/inner/of/:id',
}

test('apps are mounted in apps of other frameworks', { skip: !existsSync(join(FOLDER, 'node_modules')) }, async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const { code, stderr } = await runNode(t, {
    app: 'use-mounted-frameworks.cjs',
    args: [FOLDER, ...Object.keys(ROUTES)],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
  })
  assert.equal(code, 0, stderr)
  const served = receiver.spans.filter(({ kind }) => kind === 'server')
  const routes = Object.fromEntries(served.map(({ attributes }) => [attributes['url.path'], attributes['http.route']]))
  assert.deepEqual(routes, ROUTES)
})
