import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { TABLE } from '../../src/settings/table.ts'
import { makeCertificates } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { OtlpReceiver, type ReceiverOptions } from '../support/otlp-receiver.ts'
import { neverAnswer } from '../support/otlp-reply.ts'
import { splitStderr } from '../support/own-lines.ts'
import { runNode, startNode } from '../support/run-node.ts'
import type { RunResult } from '../support/running-process.ts'
import { httpGet, scrape } from '../support/scrape.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { eventually } from '../support/eventually.ts'
import { malformedFor } from '../support/malformed-values.ts'
import { SPEC_VARIABLES } from '../support/spec-variables.ts'

/**
 * The walk over the specification's variables: each takes effect in a real process, and each malformed value is one
 * line there. A process proves as many as it can; the last test holds that none is left out.
 */

type Environment = Readonly<Record<string, string>>

const SIGNALS = ['TRACES', 'METRICS', 'LOGS'] as const

const proven = new Set<string>([
  // config-file.test.ts
  'OTEL_CONFIG_FILE',
  // clients.test.ts
  'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT',
  // exemplars.test.ts
  'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
  'OTEL_METRICS_EXEMPLAR_FILTER',
])

function proves(env: Environment, ...others: readonly string[]): void {
  for (const name of [...Object.keys(env), ...others]) proven.add(name)
}

const ALL_OVER_OTLP = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'otlp', OTEL_LOGS_EXPORTER: 'otlp' }
const AROUND = { OTEL_LOG_LEVEL: 'warn', OBS_EXIT_FLUSH_TIMEOUT: '10000' }

function walk(t: TestContext, env: Environment, args: readonly string[] = []): Promise<RunResult> {
  return runNode(t, { app: 'use-settings.cjs', args, env: { ...ALL_OVER_OTLP, ...AROUND, ...env } })
}

async function receiverFor(t: TestContext, options: ReceiverOptions = {}): Promise<OtlpReceiver> {
  return OtlpReceiver.start(t, options)
}

/** `{ TRACES: 'a' }` for an option: `OTEL_EXPORTER_OTLP_TRACES_<OPTION>=a`. */
function perSignal(option: string, value: (signal: string) => string): Environment {
  return Object.fromEntries(
    SIGNALS.map((signal) => [`OTEL_EXPORTER_OTLP_${signal}_${option}`, value(signal.toLowerCase())]),
  )
}

test('general variables of OTLP, resource and propagation', async (t) => {
  const files = makeCertificates(t)
  const receiver = await receiverFor(t, { tls: files, requireClientCertificate: true })
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.httpUrl,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-walk=general',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP',
    OTEL_EXPORTER_OTLP_CERTIFICATE: files.caFile,
    OTEL_EXPORTER_OTLP_CLIENT_KEY: files.clientKeyFile,
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: files.clientCertificateFile,
    OTEL_SERVICE_NAME: 'walker',
    OTEL_RESOURCE_ATTRIBUTES: 'walk.step=1,walk.text=a%20b',
    OTEL_NODE_RESOURCE_DETECTORS: 'host',
    OTEL_PROPAGATORS: 'b3multi,ottrace,jaeger',
  }
  const { stdout, stderr } = await walk(t, env)
  assert.equal(stderr, '')
  assert.deepEqual(receiver.requests.map(({ signal }) => signal).toSorted(), ['logs', 'metrics', 'traces'])
  for (const { headers } of receiver.requests) {
    assert.equal(headers['x-walk'], 'general')
    assert.equal(headers['content-encoding'], 'gzip')
    assert.equal(headers['content-type'], 'application/json')
  }
  for (const { resource } of [...receiver.spans, ...receiver.metrics, ...receiver.logs]) {
    assert.deepEqual([resource['service.name'], resource['walk.step'], resource['walk.text']], ['walker', '1', 'a b'])
    assert.ok('host.name' in resource && !('process.pid' in resource))
  }
  assert.deepEqual(JSON.parse(stdout).toSorted(), [
    'ot-tracer-sampled',
    'ot-tracer-spanid',
    'ot-tracer-traceid',
    'uber-trace-id',
    'x-b3-sampled',
    'x-b3-spanid',
    'x-b3-traceid',
  ])
  proves(env, ...Object.keys(ALL_OVER_OTLP))
})

test("each signal's own variables win over the general ones", async (t) => {
  const files = makeCertificates(t)
  const receiver = await receiverFor(t, { tls: files, requireClientCertificate: true })
  const env = {
    ...perSignal('ENDPOINT', (signal) => `${receiver.httpUrl}/v1/${signal}`),
    ...perSignal('PROTOCOL', (signal) => (signal === 'metrics' ? 'http/json' : 'http/protobuf')),
    ...perSignal('HEADERS', (signal) => `x-walk=${signal}`),
    ...perSignal('COMPRESSION', (signal) => (signal === 'logs' ? 'none' : 'gzip')),
    ...perSignal('CERTIFICATE', () => files.caFile),
    ...perSignal('CLIENT_KEY', () => files.clientKeyFile),
    ...perSignal('CLIENT_CERTIFICATE', () => files.clientCertificateFile),
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Delta',
  }
  const general = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-walk=general',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere',
  }
  const { stderr } = await walk(t, { ...general, ...env })
  assert.equal(stderr, '')
  const seen = receiver.requests.map(({ signal, headers }) => [
    signal,
    headers['x-walk'],
    headers['content-type'],
    headers['content-encoding'],
  ])
  assert.deepEqual(seen.toSorted(), [
    ['logs', 'logs', 'application/x-protobuf', undefined],
    ['metrics', 'metrics', 'application/json', 'gzip'],
    ['traces', 'traces', 'application/x-protobuf', 'gzip'],
  ])
  const metrics = receiver.requests.find(({ signal }) => signal === 'metrics')
  assert.match(
    JSON.stringify(metrics?.body),
    /"name":"walk.counter".*?"aggregationTemporality":(?:1|"AGGREGATION_TEMPORALITY_DELTA")/,
  )
  proves(env)
})

const DELAYS = { OTEL_BSP_SCHEDULE_DELAY: '1', OTEL_BLRP_SCHEDULE_DELAY: '1', OTEL_METRIC_EXPORT_INTERVAL: '100' }

const timeouts: readonly (readonly [label: string, env: Environment, ms: Readonly<Record<string, number>>])[] = [
  ['general', { OTEL_EXPORTER_OTLP_TIMEOUT: '60' }, { traces: 60, metrics: 60, logs: 60 }],
  [
    'per signal',
    {
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '61',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '62',
      OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '63',
    },
    { traces: 61, metrics: 62, logs: 63 },
  ],
  [
    'of the processors and the reader',
    { OTEL_BSP_EXPORT_TIMEOUT: '64', OTEL_METRIC_EXPORT_TIMEOUT: '65', OTEL_BLRP_EXPORT_TIMEOUT: '66' },
    { traces: 64, metrics: 65, logs: 66 },
  ],
]

for (const [label, env, expected] of timeouts) {
  test(`timeouts ${label}, and delays, which do not delay the exit`, async (t) => {
    const receiver = await receiverFor(t, { reply: () => neverAnswer })
    const running = startNode(t, {
      app: 'use-settings.cjs',
      args: ['0', '20000'],
      env: {
        ...ALL_OVER_OTLP,
        ...DELAYS,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.httpUrl,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        ...env,
      },
    })
    await Promise.all(
      Object.entries(expected).map(([signal, ms]) =>
        running.waitFor(new RegExp(`${signal}: .*timed out after ${ms} ms`), 'stderr'),
      ),
    )
    proves({ ...env, ...DELAYS })
  })
}

const insecure: readonly (readonly [label: string, env: Environment])[] = [
  ['general', { OTEL_EXPORTER_OTLP_INSECURE: 'True' }],
  ['per signal', perSignal('INSECURE', () => 'TRUE')],
  [
    'by older names',
    {
      OTEL_EXPORTER_OTLP_SPAN_INSECURE: 'true',
      OTEL_EXPORTER_OTLP_METRIC_INSECURE: 'true',
      OTEL_EXPORTER_OTLP_LOGS_INSECURE: 'true',
    },
  ],
]

for (const [label, env] of insecure) {
  test(`plain text over gRPC, ${label}`, async (t) => {
    const receiver = await receiverFor(t)
    const { stderr } = await walk(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl.replace('http://', ''),
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      ...env,
    })
    assert.equal(stderr, '')
    assert.deepEqual(receiver.requests.map(({ signal }) => signal).toSorted(), ['logs', 'metrics', 'traces'])
    proves(env)
  })
}

/** A Zipkin server: what came, as path and type and body, and whether it answers. */
async function startZipkin(t: TestContext): Promise<{ url: string; bodies: string[]; answers: boolean }> {
  const zipkin = { url: '', bodies: [] as string[], answers: true }
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      zipkin.bodies.push(`${request.url} ${request.headers['content-type']} ${body}`)
      if (zipkin.answers) response.writeHead(202).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  zipkin.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/spans`
  return zipkin
}

function zipkinSpans([body = '']: readonly string[]): readonly { name: string; localEndpoint: object }[] {
  const [, json = '[]'] = /^\/api\/v2\/spans application\/json (.*)$/s.exec(body) ?? []
  return JSON.parse(json)
}

test('Zipkin, and its timeout', async (t) => {
  const zipkin = await startZipkin(t)
  const env = {
    OTEL_TRACES_EXPORTER: 'Zipkin',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: zipkin.url,
    OTEL_EXPORTER_ZIPKIN_TIMEOUT: '10000',
  }
  assert.equal((await walk(t, { ...env, OTEL_SERVICE_NAME: 'walker' })).stderr, '')
  const spans = zipkinSpans(zipkin.bodies)
  assert.deepEqual(
    spans.map(({ name }) => name),
    ['linked', 'root'],
  )
  assert.deepEqual(spans[1]?.localEndpoint, { serviceName: 'walker' })
  zipkin.answers = false
  const slow = startNode(t, {
    app: 'use-settings.cjs',
    args: ['0', '20000'],
    env: { ...env, OTEL_BSP_SCHEDULE_DELAY: '1', OTEL_EXPORTER_ZIPKIN_TIMEOUT: '67' },
  })
  await slow.waitFor(/traces: .*timed out after 67 ms/, 'stderr')
  proves(env)
})

test('lists of exporters: every exporter receives everything, with its own counts', async (t) => {
  const receiver = await receiverFor(t)
  const zipkin = await startZipkin(t)
  const port = await freePort()
  const app = startNode(t, {
    app: 'use-settings.cjs',
    args: ['0', '20000'],
    env: {
      OTEL_TRACES_EXPORTER: 'otlp, zipkin,Console',
      OTEL_METRICS_EXPORTER: 'prometheus,otlp,console',
      OTEL_LOGS_EXPORTER: 'console,otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: zipkin.url,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      ...DELAYS,
    },
  })
  await app.waitFor(/traces to http:.+ \(grpc\) and http:.+ \(zipkin\) and stderr, metrics on/, 'stderr')
  await receiver.waitUntil(
    ({ spans, metrics, logs }) =>
      spans.length === 2 && logs.length === 1 && metrics.some(({ name }) => name === 'walk.counter'),
  )
  for (const line of [/span \{ name: 'root'/, /metric \{ name: 'walk.counter'/, /log \{/])
    await app.waitFor(line, 'stderr')
  let body = ''
  await eventually(async () => {
    ;({ body } = await scrape(port))
    return ['otlp_grpc', 'zipkin_http'].every((exporter) =>
      new RegExp(`^otel_sdk_exporter_span_exported_total\\{.*${exporter}_span_exporter/0.* 2$`, 'm').test(body),
    )
  })
  assert.deepEqual(
    zipkinSpans(zipkin.bodies).map(({ name }) => name),
    ['linked', 'root'],
  )
  assert.match(body, /^walk_counter_total(?:\{.*\})? 1$/m)
  for (const index of [0, 1])
    assert.match(
      body,
      new RegExp(`^otel_sdk_processor_span_processed_total\\{.*span_processor/${index}"[^_]*otel_scope.* 2$`, 'm'),
    )
  assert.match(body, /^obs_export_dropped_total\{signal="traces",exporter="zipkin",reason="failed".* 0$/m)
})

/** Attributes of the root span and of the log record: how many there are and how long each is. */
function sizes(receiver: OtlpReceiver): readonly (readonly [count: number, length: number])[] {
  const root = receiver.spans.find(({ name }) => name === 'root')
  const record = receiver.logs.find(({ body }) => body === 'record')
  return [root, record].map((each) => {
    const values = Object.values(each?.attributes ?? {})
    return [values.length, String(values[0] ?? '').length] as const
  })
}

test('general limits', async (t) => {
  const receiver = await receiverFor(t)
  const env = { OTEL_ATTRIBUTE_COUNT_LIMIT: '3', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5' }
  await walk(t, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, ...env })
  assert.deepEqual(sizes(receiver), [
    [3, 5],
    [3, 5],
  ])
  proves(env)
})

test('limits of spans, events, links and log records; sizes of batches', async (t) => {
  const receiver = await receiverFor(t)
  const env = {
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '7',
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '6',
    OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '0',
    OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '0',
    OTEL_SPAN_EVENT_COUNT_LIMIT: '3',
    OTEL_SPAN_LINK_COUNT_LIMIT: '2',
    OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '4',
    OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '1',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2',
    OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '3',
  }
  await walk(t, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_ATTRIBUTE_COUNT_LIMIT: '1', ...env }, ['4'])
  assert.deepEqual(sizes(receiver), [
    [7, 6],
    [0, 0],
  ])
  const root = receiver.spans.find(({ name }) => name === 'root')
  assert.deepEqual(
    root?.events.map((event) => Object.keys(event.attributes).length),
    [4, 4, 4],
  )
  assert.deepEqual(
    root?.links.map((link) => Object.keys(link.attributes).length),
    [1, 1],
  )
  const calls = (signal: string) => receiver.requests.filter((request) => request.signal === signal).length
  assert.deepEqual([calls('traces'), calls('logs')], [3, 2])
  proves(env)
})

test('sizes of queues', async (t) => {
  const receiver = await receiverFor(t)
  const env = { OTEL_BSP_MAX_QUEUE_SIZE: '5', OTEL_BLRP_MAX_QUEUE_SIZE: '6' }
  const { stderr } = await walk(t, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, ...env }, ['20', '100'])
  assert.match(stderr, /traces: 17 spans dropped, the queue is full \(5\)/)
  assert.match(stderr, /logs: 15 log records dropped, the queue is full \(6\)/)
  proves(env)
})

test('a sampler and its argument', async (t) => {
  const receiver = await receiverFor(t)
  const env = { OTEL_TRACES_SAMPLER: 'TraceIdRatio', OTEL_TRACES_SAMPLER_ARG: '0' }
  await walk(t, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, ...env })
  assert.deepEqual([receiver.spans.length, receiver.logs.length], [0, 1])
  proves(env)
})

test('console for each signal, on stderr', async (t) => {
  const { stdout, stderr } = await walk(t, {
    OTEL_TRACES_EXPORTER: 'console',
    OTEL_METRICS_EXPORTER: 'Console',
    OTEL_LOGS_EXPORTER: 'CONSOLE',
  })
  for (const what of ["span { name: 'root'", "metric { name: 'walk.counter'", 'log { '])
    assert.ok(stderr.includes(what), what)
  assert.equal(stdout.split('\n').length, 2)
})

test('the log level, and the switch', async (t) => {
  const receiver = await receiverFor(t)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_BSP_SCHEDULE_DELAY: 'x' }
  const quiet = await walk(t, { ...env, OTEL_LOG_LEVEL: 'None' })
  assert.equal(quiet.stderr, '')
  assert.ok(receiver.spans.length > 0)
  receiver.clear()
  const off = await walk(t, { ...env, OTEL_SDK_DISABLED: 'TRUE' })
  assert.deepEqual([off.stderr, receiver.requests.length], ['', 0])
  proves({}, 'OTEL_LOG_LEVEL', 'OTEL_SDK_DISABLED')
})

test('the older name of the configuration file', async (t) => {
  const receiver = await receiverFor(t)
  const file = join(temporaryFolder(t, 'settings'), 'otel.yaml')
  const exporter = `{otlp_grpc: {endpoint: "${receiver.grpcUrl}"}}`
  writeFileSync(file, `file_format: "1.0"\ntracer_provider: {processors: [{batch: {exporter: ${exporter}}}]}\n`)
  await runNode(t, { app: 'use-settings.cjs', env: { ...AROUND, OTEL_EXPERIMENTAL_CONFIG_FILE: file } })
  assert.ok(receiver.spans.length > 0)
  proves({}, 'OTEL_EXPERIMENTAL_CONFIG_FILE')
})

const served: readonly (readonly [env: Environment, check: (body: string) => void])[] = [
  [
    {
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.2',
      OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'POST',
      OTEL_NODE_EXPERIMENTAL_SDK_METRICS: 'false',
      OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database',
    },
    (body) => {
      assert.match(body, /http_server_request_duration_seconds_count\{http_request_method="_OTHER"/)
      assert.doesNotMatch(body, /otel_sdk_/)
    },
  ],
  [
    { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'undici' },
    (body) => assert.doesNotMatch(body, /http_server|nodejs_eventloop/),
  ],
  [
    { OTEL_NODE_DISABLED_INSTRUMENTATIONS: '@opentelemetry/instrumentation-http' },
    (body) => {
      assert.doesNotMatch(body, /http_server/)
      assert.match(body, /nodejs_eventloop/)
    },
  ],
]

for (const [env, check] of served) {
  test(`the side port with ${Object.keys(env).join(', ')}`, async (t) => {
    const port = await freePort()
    const app = startNode(t, {
      app: 'use-http.cjs',
      env: { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: String(port), ...env },
    })
    const [, appPort] = await app.waitFor(/^listening (\d+)$/m)
    await app.waitFor(/metrics on/, 'stderr')
    await httpGet(`http://127.0.0.1:${appPort}/`)
    check((await scrape(port, env['OTEL_EXPORTER_PROMETHEUS_HOST'])).body)
    assert.equal(splitStderr(app.stderr).own.length, 1)
    proves(env, 'OTEL_EXPORTER_PROMETHEUS_PORT')
  })
}

/** Own lines of a process that has these variables, by variable. */
async function linesOf(t: TestContext, env: Environment): Promise<ReadonlyMap<string, number>> {
  const { stderr, code } = await runNode(t, { nodeArgsAfter: ['-e', '0'], env })
  assert.equal(code, 0)
  const { own, app } = splitStderr(stderr)
  assert.deepEqual(app, [])
  const counts = new Map<string, number>()
  for (const line of own) {
    const [variable = ''] = /^[A-Z_0-9]+/.exec(line.slice('@paxx/obs: '.length)) ?? []
    if (variable in env) counts.set(variable, (counts.get(variable) ?? 0) + 1)
    else assert.match(line, /no metrics|metrics on/, line)
  }
  return counts
}

test('each variable without effect is reported in one line', async (t) => {
  const env = Object.fromEntries(TABLE.filter((row) => row.noEffect !== undefined).map(({ name }) => [name, 'x']))
  const lines = await linesOf(t, env)
  for (const name of Object.keys(env)) assert.equal(lines.get(name), 1, name)
  proves(env)
})

/** A process lists no more problems with settings than this. */
const LISTED_AT_MOST = 50

test('each malformed value is reported in one line by a real process', async (t) => {
  // No variable can hold a NUL.
  const values = TABLE.map((row) => ({ row, malformed: malformedFor(row).filter((value) => !value.includes('\0')) }))
  const rounds = Math.max(...values.map(({ malformed }) => malformed.length))
  let tried = 0
  for (let round = 0; round < rounds; round++) {
    const inRound = values.filter(({ malformed }) => round < malformed.length)
    for (let first = 0; first < inRound.length; first += LISTED_AT_MOST) {
      const inProcess = inRound.slice(first, first + LISTED_AT_MOST)
      const env = Object.fromEntries(inProcess.map(({ row, malformed }) => [row.name, malformed[round] ?? '']))
      const lines = await linesOf(t, env)
      for (const { row } of inProcess) assert.equal(lines.get(row.name), 1, `${row.name}=${env[row.name]}`)
    }
    tried += inRound.length
  }
  t.diagnostic(`${tried} malformed values, a line each`)
})

test('every variable of the specification is tested here', () => {
  assert.deepEqual(
    SPEC_VARIABLES.filter((name) => !proven.has(name)),
    [],
  )
})
