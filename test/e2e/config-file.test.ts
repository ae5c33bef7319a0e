import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { runNode, startNode } from '../support/run-node.ts'
import { httpGet, scrape } from '../support/scrape.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** `OTEL_CONFIG_FILE` in real processes; what each part of a file means is a unit test's. */

/** A folder with such a file, and what the file speaks of. */
async function configured(
  t: TestContext,
  textOf: (receiver: OtlpReceiver, port: number) => string,
): Promise<{ folder: string; receiver: OtlpReceiver; port: number }> {
  const folder = temporaryFolder(t, 'config')
  const receiver = await OtlpReceiver.start(t)
  const port = await freePort()
  writeFileSync(join(folder, 'otel.yaml'), textOf(receiver, port))
  return { folder, receiver, port }
}

test('a file configures exporters and the side port, and unsupported parts are reported', async (t) => {
  const { folder, receiver, port } = await configured(
    t,
    ({ httpUrl }, port) => `file_format: "1.0"
resource:
  attributes: [{name: service.name, value: "\${SHOP:-shop}"}, {name: team.size, value: 4, type: int}]
propagator: {composite: [{b3multi: }]}
tracer_provider:
  processors: [{simple: {exporter: {otlp_http: {endpoint: "${httpUrl}/v1/traces", encoding: json, headers: [{name: x-team, value: a b}]}}}}]
  sampler: {composite/development: {always_on: }}
meter_provider:
  readers: [{pull: {exporter: {prometheus/development: {host: 127.0.0.1, port: ${port}}}}}]
`,
  )
  const app = startNode(t, {
    app: 'use-http.cjs',
    cwd: folder,
    env: { OTEL_CONFIG_FILE: 'otel.yaml', OTEL_TRACES_EXPORTER: 'none', OBS_IGNORE_PATHS: '/healthz' },
  })
  const [, appPort] = await app.waitFor(/^listening (\d+)$/m)
  await httpGet(`http://127.0.0.1:${appPort}/healthz`)
  const traceId = '463ac35c9f6413ad48485a3953bb6124'
  await httpGet(`http://127.0.0.1:${appPort}/`, {
    'x-b3-traceid': traceId,
    'x-b3-spanid': 'a2fb4a1d1a96d312',
    'x-b3-sampled': '1',
  })
  const [span, ...more] = await receiver.waitForSpans(1)
  assert.equal(more.length, 0)
  assert.equal(span?.traceId, traceId)
  assert.deepEqual([span.resource['service.name'], span.resource['team.size']], ['shop', 4])
  assert.equal(receiver.requests[0]?.headers['x-team'], 'a b')
  assert.match(String(receiver.requests[0]?.headers['content-type']), /json/)
  assert.match((await scrape(port)).body, /team_size="4"/)
  app.kill()
  const { own, app: others } = splitStderr((await app.exited).stderr)
  assert.deepEqual(others, [])
  assert.deepEqual(own.slice(0, 2), [
    '@paxx/obs: otel.yaml: tracer_provider.sampler has no effect here; it is ignored',
    "@paxx/obs: OTEL_CONFIG_FILE=otel.yaml replaces the environment's settings; ignoring OTEL_TRACES_EXPORTER",
  ])
  assert.equal(own.length, 3)
})

test('views and cardinality limits apply to the side port and to pushed metrics', async (t) => {
  const { folder, receiver, port } = await configured(
    t,
    ({ grpcUrl }, port) => `file_format: "1.0"
meter_provider:
  readers:
    - pull: {exporter: {prometheus/development: {host: 127.0.0.1, port: ${port}}}, cardinality_limits: {counter: 4}}
    - periodic: {interval: 100, exporter: {otlp_grpc: {endpoint: "${grpcUrl}"}}, cardinality_limits: {default: 5, counter: 3}}
  views:
    - {selector: {instrument_name: walk.gone}, stream: {aggregation: {drop: }}}
    - {selector: {instrument_name: walk.kept}, stream: {name: walk.renamed, description: Other., attribute_keys: {included: [a]}}}
    - {selector: {instrument_name: "?alk.*_time"}, stream: {aggregation: {explicit_bucket_histogram: {boundaries: [1, 2]}}}}
    - {selector: {instrument_name: walk.exponential}, stream: {aggregation: {base2_exponential_bucket_histogram: }, attribute_keys: {excluded: ["user.*"]}}}
    - {selector: {instrument_name: "nodejs.*"}, stream: {aggregation: {drop: }}}
`,
  )
  const code = `
    const meter = require('@opentelemetry/api').metrics.getMeter('walk')
    meter.createCounter('walk.gone').add(1)
    meter.createCounter('walk.kept').add(2, { a: 1, b: 1 })
    for (const b of [1, 2]) meter.createCounter('walk.kept').add(2, { a: 1, b })
    meter.createHistogram('walk.x_time').record(1.5)
    meter.createHistogram('walk.exponential').record(1.5, { 'user.id': 1, 'user.name': 2, c: 3 })
    const limited = meter.createCounter('walk.limited')
    for (let n = 0; n < 9; n++) limited.add(1, { n })
    setTimeout(() => {}, 60_000)`
  const main = join(folder, 'walk.cjs')
  writeFileSync(
    main,
    code.replace("'@opentelemetry/api'", JSON.stringify(createRequire(import.meta.url).resolve('@opentelemetry/api'))),
  )
  const app = startNode(t, { app: main, cwd: folder, env: { OTEL_CONFIG_FILE: 'otel.yaml' } })
  await app.waitFor(/metrics on/, 'stderr')
  const served = await scrape(port)
  assert.deepEqual(served.find('walk_gone_total'), [])
  assert.doesNotMatch(served.body, /nodejs_eventloop/)
  assert.match(served.body, /^walk_renamed_total\{a="1",otel.*\} 6$/m)
  assert.match(served.body, /^# HELP walk_renamed_total Other\.$/m)
  assert.deepEqual(
    served.find('walk_x_time_bucket').map(({ labels, value }) => [labels['le'], value]),
    [
      ['1', 0],
      ['2', 1],
      ['+Inf', 1],
    ],
  )
  assert.equal(served.find('walk_limited_total').length, 4)
  assert.equal(served.sum('walk_limited_total', { otel_metric_overflow: 'true' }), 6)
  assert.equal(served.sum('obs_metric_overflow', { metric: 'walk.limited' }), 1)
  const pushed = (name: string) => receiver.metrics.find((metric) => metric.name === name)
  await receiver.waitUntil(() => pushed('walk.limited') !== undefined)
  assert.equal(pushed('walk.limited')?.points.length, 3)
  assert.equal(pushed('walk.gone'), undefined)
  assert.deepEqual(
    pushed('walk.renamed')?.points.map(({ attributes }) => attributes),
    [{ a: 1 }],
  )
  const [exponential] = pushed('walk.exponential')?.points ?? []
  assert.deepEqual(exponential?.attributes, { c: 3 })
  app.kill()
  const { own } = splitStderr((await app.exited).stderr)
  assert.equal(own.length, 2, own.join('\n'))
})

test('an invalid file is reported in one line, and the environment is used', async (t) => {
  const folder = temporaryFolder(t, 'config')
  const receiver = await OtlpReceiver.start(t)
  writeFileSync(join(folder, 'otel.yaml'), 'file_format: "1.0"\npropagator: [')
  const { stderr, code } = await runNode(t, {
    app: 'use-end.mjs',
    cwd: folder,
    env: {
      OTEL_CONFIG_FILE: 'otel.yaml',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOG_LEVEL: 'warn',
      OBS_EXIT_FLUSH_TIMEOUT: '10000',
    },
  })
  assert.equal(code, 0)
  assert.match(
    stderr,
    /^@paxx\/obs: OTEL_CONFIG_FILE="otel\.yaml" cannot be used \(line 2: .*\); using the environment's settings\n$/,
  )
  assert.ok(receiver.spans.length > 0)
})

test('disabled: true leaves the process uninstrumented', async (t) => {
  const folder = temporaryFolder(t, 'config')
  writeFileSync(join(folder, 'otel.yaml'), 'file_format: "1.0"\ndisabled: true\n')
  const env = { OTEL_CONFIG_FILE: 'otel.yaml' }
  const { stderr, stdout } = await runNode(t, { app: 'use-listeners.cjs', preload: 'require', cwd: folder, env })
  const bare = await runNode(t, { app: 'use-listeners.cjs', preload: 'none', cwd: folder, env })
  assert.equal(stderr, '')
  assert.deepEqual(JSON.parse(stdout).listeners, JSON.parse(bare.stdout).listeners)
})
