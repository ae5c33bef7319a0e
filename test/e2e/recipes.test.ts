import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse as parseDotEnv } from 'dotenv'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { runNode, startNode } from '../support/run-node.ts'
import { httpGet } from '../support/scrape.ts'
import { splitStderr } from '../support/own-lines.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** docs/recipes.md: each block of variables does what it says, against a receiver in the vendor's place. */

const RECIPES = [...readFileSync(join(ROOT, 'docs/recipes.md'), 'utf8').matchAll(/### (.+)\n\n```dotenv\n([^`]+)```/g)]

/** What the vendor would find in the request. */
const EXPECTED: Readonly<
  Record<string, { readonly path: RegExp; readonly headers: Readonly<Record<string, string>> }>
> = {
  Jaeger: { path: /TraceService\/Export$/, headers: {} },
  'Grafana Cloud, and a Tempo of your own': {
    path: /^\/otlp\/v1\/traces$/,
    headers: { authorization: 'Basic MTIzNDU2OmdsY19leUp2SWpvaU1USXpORFUyIn0=' },
  },
  'Datadog agent': { path: /TraceService\/Export$/, headers: {} },
  Honeycomb: { path: /TraceService\/Export$/, headers: { 'x-honeycomb-team': 'hcaik_0123456789' } },
  'A collector of your own': { path: /TraceService\/Export$/, headers: {} },
}

test('every recipe has a test', () => {
  assert.deepEqual(
    RECIPES.map(([, title]) => title),
    Object.keys(EXPECTED),
  )
})

for (const [, title = '', block = ''] of RECIPES) {
  test(`recipe: ${title}`, async (t) => {
    const variables = parseDotEnv(block)
    const { pathname } = new URL(variables['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '')
    const receiver = await OtlpReceiver.start(t, { httpBasePath: pathname.replace(/\/$/, '') })
    const isHttp = variables['OTEL_EXPORTER_OTLP_PROTOCOL'] === 'http/protobuf'
    const endpoint = isHttp ? `${receiver.httpUrl}${pathname}` : receiver.grpcUrl
    const { code, stderr } = await runNode(t, {
      nodeArgs: ['-e', "require('@opentelemetry/api').trace.getTracer('recipe').startSpan('work').end()"],
      env: {
        ...variables,
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        OBS_EXIT_FLUSH_TIMEOUT: '10000',
      },
    })
    assert.equal(code, 0)
    assert.deepEqual(
      splitStderr(stderr).own.filter((line) => !line.includes('traces to')),
      [],
    )
    const traces = receiver.requests.find(({ signal }) => signal === 'traces')
    assert.match(traces?.path ?? '', EXPECTED[title]?.path ?? /never/)
    for (const [name, value] of Object.entries(EXPECTED[title]?.headers ?? {}))
      assert.equal(traces?.headers[name], value)
    assert.equal(receiver.metrics.length > 0, variables['OTEL_METRICS_EXPORTER'] === 'otlp')
    for (const [name, value] of Object.entries(parseAttributes(variables['OTEL_RESOURCE_ATTRIBUTES']))) {
      assert.equal(receiver.spans[0]?.resource[name], value)
    }
  })
}

function parseAttributes(text = ''): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split('=') as [string, string]),
  )
}

test('the operator: an image copied into the pod instruments an ES module with one --require', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  // As its init container does it: cp -r /autoinstrumentation/. /otel-auto-instrumentation-nodejs
  const volume = join(temporaryFolder(t, 'operator'), 'otel-auto-instrumentation-nodejs')
  const installed = join(volume, 'node_modules/@paxx/obs')
  mkdirSync(installed, { recursive: true })
  for (const part of ['package.json', 'register', 'dist'])
    cpSync(join(ROOT, part), join(installed, part), { recursive: true })
  cpSync(join(ROOT, 'node_modules/@opentelemetry/api'), join(volume, 'node_modules/@opentelemetry/api'), {
    recursive: true,
  })
  cpSync(join(ROOT, 'deploy/operator/autoinstrumentation.js'), join(volume, 'autoinstrumentation.js'))
  const running = startNode(t, {
    app: 'use-express.mjs',
    preload: 'none',
    env: {
      NODE_OPTIONS: ` --require ${join(volume, 'autoinstrumentation.js')}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '1',
    },
  })
  const [, port] = await running.waitFor(/^listening (\d+)$/m)
  await httpGet(`http://127.0.0.1:${port}/users/7`)
  await receiver.waitForSpans((spans) => spans.some(({ name }) => name === 'GET /users/:id'))
})
