import assert from 'node:assert/strict'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { APPS, ROOT } from '../support/paths.ts'
import { runNode } from '../support/run-node.ts'
import { httpGet, scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import type { ServingApp } from '../support/serving-app.ts'
import { spanTree } from '../support/span-tree.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { eventually } from '../support/eventually.ts'

/**
 * Resolves once the server's span of a request to the path has arrived. Spans arrive in the order in which they ended, so all that
 * requests before it recorded is there, too.
 */
function untilServed({ receiver }: ServingApp, path: string): Promise<unknown> {
  return receiver.waitForSpans((spans) =>
    spans.some(({ kind, attributes }) => kind === 'server' && attributes['url.path'] === path),
  )
}

test('ignored paths leave no span and no metric, nor do their handlers', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-options.mjs',
    env: { OBS_IGNORE_PATHS: '/healthz,/ready*' },
  })
  await app.get('/healthz?verbose=1')
  await app.get('/nowhere')
  await untilServed(app, '/nowhere')
  const roots = app.receiver.spans.filter(({ kind }) => kind !== 'internal')
  assert.deepEqual(
    roots.map(({ kind, attributes }) => [kind, attributes['url.path']]),
    [['server', '/nowhere']],
  )
  assert.doesNotMatch(spanTree(app.receiver.spans), /client/)
  const { body } = await httpGet(`http://127.0.0.1:${app.sidePort}/metrics`)
  assert.match(body, /http_server_request_duration_seconds_count\{[^}]*404[^}]*\} 1\b/)
  assert.doesNotMatch(body, /http_server_request_duration_seconds_count\{[^}]*"200"/)
})

test('requests excluded from traces only are measured', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-options.mjs',
    env: { OBS_IGNORE_PATHS: '/ready/child,/healthz', OBS_IGNORE_HOSTS: 'localhost', OBS_IGNORE_FROM: 'traces' },
  })
  await app.get('/healthz')
  await app.get('/calls')
  await app.receiver.waitForSpans((spans) => spans.some(({ attributes }) => attributes['url.path'] === '/calls'))
  const places = app.receiver.spans.map(({ kind, attributes }) => [
    kind,
    attributes['url.path'] ?? attributes['server.address'],
  ])
  const outer = places
    .filter(([kind]) => kind !== 'internal')
    .map((place) => place.join(' '))
    .toSorted()
  assert.deepEqual(outer, ['client 127.0.0.1', 'server /calls', 'server /ready/seen'])
  const scraped = await scrape(app.sidePort)
  assert.equal(scraped.sum('http_requests_total', { endpoint: '/healthz' }), 1)
  assert.equal(scraped.sum('http_client_request_duration_seconds_count', { server_address: 'localhost' }), 2)
})

test('requests excluded from metrics only are traced', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-options.mjs',
    env: { OBS_IGNORE_PATHS: '/calls,/healthz', OBS_IGNORE_HOSTS: 'localhost', OBS_IGNORE_FROM: 'metrics' },
  })
  await app.get('/healthz')
  await app.get('/calls')
  const { receiver } = app
  await receiver.waitForSpans((spans) => spans.filter(({ kind }) => kind === 'client').length === 4)
  assert.ok(receiver.spans.some(({ attributes }) => attributes['url.path'] === '/healthz'))
  let scraped = await scrape(app.sidePort)
  // Of four outgoing ones, two go to localhost.
  await eventually(
    async () => (scraped = await scrape(app.sidePort)).sum('http_client_request_duration_seconds_count') === 2,
  )
  assert.deepEqual(scraped.find('http_client_request_duration_seconds_count', { server_address: 'localhost' }), [])
  for (const path of ['/healthz', '/calls']) assert.equal(scraped.sum('http_requests_total', { endpoint: path }), 0)
  assert.ok(scraped.sum('http_requests_total') > 0)
  assert.equal(scraped.sum('http_server_active_requests'), 0)
  assert.equal(
    scraped.sum('http_server_request_body_size_bytes_count'),
    scraped.sum('http_server_request_duration_seconds_count'),
  )
})

test('ignored hosts are excluded for fetch and node:http, and the rest is traced', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-options.mjs',
    env: { OBS_IGNORE_PATHS: '/ready*', OBS_IGNORE_HOSTS: 'LOCALHOST' },
  })
  await app.get('/calls')
  await untilServed(app, '/calls')
  const clients = app.receiver.spans.filter(({ kind }) => kind === 'client')
  assert.deepEqual(
    clients.map(({ attributes }) => attributes['server.address']),
    ['127.0.0.1'],
  )
})

test('options of single instrumentations are applied, and unknown ones are reported', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-options.mjs',
    env: {
      OBS_INSTRUMENTATION_HTTP_HEADERS_TO_SPAN_ATTRIBUTES_SERVER_REQUEST_HEADERS: 'x-tenant',
      OBS_FRAMEWORK_SPANS: 'all',
      OBS_INSTRUMENTATION_EXPRESS_IGNORE_LAYERS_TYPE: 'request_handler',
      OBS_INSTRUMENTATION_EXPRESS_SPAN_NAME_HOOK: 'x',
      OBS_INSTRUMENTATION_NOPE_X: '1',
      OBS_INSTRUMENTATION_EXPRESS_IGNORE_LAYER: 'x',
      OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'POST',
    },
  })
  await app.get('/ready/child', { 'x-tenant': 'blue' })
  const [span] = await app.receiver.waitForSpans(1)
  assert.deepEqual(span?.attributes['http.request.header.x-tenant'], ['blue'])
  assert.equal(span?.attributes['http.request.method'], '_OTHER')
  assert.deepEqual(
    app.receiver.spans.flatMap(({ kind, name }) => (kind === 'internal' ? [name] : [])),
    [],
  )
  assert.match(app.process.stderr, /OBS_INSTRUMENTATION_NOPE_X names no instrumentation/)
  assert.match(app.process.stderr, /OBS_INSTRUMENTATION_EXPRESS_SPAN_NAME_HOOK has no effect any more/)
  assert.match(
    app.process.stderr,
    /OBS_INSTRUMENTATION_EXPRESS_IGNORE_LAYER names no option of express; IGNORE_LAYERS may be meant/,
  )
})

test("a caller's X-Ray trace is continued, with the configured resource and the SDK's own metrics", async (t) => {
  const app = await startServingApp(t, {
    app: 'use-http.cjs',
    env: {
      OTEL_PROPAGATORS: 'xray,sleuth',
      OTEL_NODE_RESOURCE_DETECTORS: 'git,k8s',
      OTEL_NODE_EXPERIMENTAL_SDK_METRICS: 'true',
      CI_COMMIT_SHA: 'abcdef0123',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      POD_NAME: 'shop-1',
    },
  })
  await app.get('/', {
    'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  })
  const [span] = await app.receiver.waitForSpans(1)
  assert.deepEqual([span?.traceId, span?.parentSpanId], ['5759e988bd862e3fe1be46a994272793', '53995c3f42cd8ad8'])
  assert.match(app.process.stderr, /OTEL_PROPAGATORS="xray,sleuth" names "sleuth", which is not one of/)
  const { body } = await httpGet(`http://127.0.0.1:${app.sidePort}/metrics`)
  assert.match(body, /^otel_sdk_span_started/m)
  assert.match(body, /^target_info\{[^}]*k8s_pod_name="shop-1"/m)
  assert.match(body, /^target_info\{[^}]*vcs_ref_head_revision="abcdef0123"/m)
  assert.doesNotMatch(body, /^target_info\{[^}]*host_name=/m)
})

test('ignored paths of a Fastify app leave no span', async (t) => {
  const app = await startServingApp(t, { app: 'use-fastify.mjs', env: { OBS_IGNORE_PATHS: '/users/*' } })
  await app.get('/users/1')
  await app.get('/fail')
  await untilServed(app, '/fail')
  assert.doesNotMatch(spanTree(app.receiver.spans), /users/)
})

/** An app with a package `greeter`, and an instrumentation for it beside it. */
function greeterApp(t: TestContext, type: 'commonjs' | 'module'): string {
  const folder = temporaryFolder(t, 'options')
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, 'greeter'), { recursive: true })
  const greeter = { name: 'greeter', version: '1.0.0', main: 'index.js', type }
  writeFileSync(join(modules, 'greeter/package.json'), JSON.stringify(greeter))
  const code = type === 'module' ? 'export const greet' : 'exports.greet'
  writeFileSync(join(modules, 'greeter/index.js'), `${code} = (name) => \`hello \${name}\`\n`)
  cpSync(join(APPS, 'own-instrumentation'), join(modules, 'own-instrumentation'), { recursive: true })
  writeFileSync(
    join(modules, 'own-instrumentation/package.json'),
    '{"name":"own-instrumentation","version":"1.0.0","main":"index.cjs"}',
  )
  symlinkSync(join(ROOT, 'node_modules/@opentelemetry'), join(modules, '@opentelemetry'))
  writeFileSync(join(folder, 'app.cjs'), "console.log(require('greeter').greet('you'))\n")
  writeFileSync(join(folder, 'app.mjs'), "import { greet } from 'greeter'\nconsole.log(greet('you'))\n")
  return folder
}

for (const [app, type, name] of [
  ['app.cjs', 'commonjs', 'own-instrumentation'],
  ['app.mjs', 'commonjs', 'own-instrumentation'],
  ['app.mjs', 'module', 'own-instrumentation'],
  ['app.cjs', 'commonjs', './node_modules/own-instrumentation/index.cjs'],
] as const) {
  test(`OBS_INSTRUMENTATIONS=${name} patches what ${app} loads of a ${type} package`, async (t) => {
    const folder = greeterApp(t, type)
    const receiver = await OtlpReceiver.start(t)
    const result = await runNode(t, {
      app: join(folder, app),
      cwd: folder,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
        OTEL_METRICS_EXPORTER: 'none',
        OBS_INSTRUMENTATIONS: `${name},not-there`,
        OBS_EXIT_FLUSH_TIMEOUT: '10000',
        OTEL_LOG_LEVEL: 'warn',
      },
    })
    assert.deepEqual([result.stdout, result.code], ['hello you\n', 0])
    assert.deepEqual(
      receiver.spans.map((span) => span.name),
      ['greet'],
    )
    const { own, app: others } = splitStderr(result.stderr)
    assert.deepEqual(others, [])
    assert.equal(own.length, 1)
    assert.match(own[0] ?? '', /OBS_INSTRUMENTATIONS: "not-there" could not be loaded/)
  })
}
