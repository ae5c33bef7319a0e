import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttp2Server, type OutgoingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { pause } from '../support/pause.ts'
import { retryInfoDetails } from '../support/otlp-reply.ts'
import { startNode } from '../support/run-node.ts'

/** What a collector answers to each attempt; a process of ours meets it with spans that wait. */
interface Collector {
  readonly url: string
  readonly attempts: () => number
}

const APP = join(import.meta.dirname, 'apps/many-spans.mjs')

async function httpCollector(t: TestContext, answer: RequestListener): Promise<Collector> {
  let attempts = 0
  const server = createServer((request, response) => {
    attempts += 1
    request.resume().on('end', () => answer(request, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close().closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, attempts: () => attempts }
}

/** Answers with trailers alone, raw: no library keeps what they may hold. */
async function grpcCollector(t: TestContext, trailers: OutgoingHttpHeaders): Promise<Collector> {
  let attempts = 0
  const server = createHttp2Server()
  server.on('stream', (stream) => {
    attempts += 1
    stream.on('error', () => {})
    stream.resume().on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, attempts: () => attempts }
}

/** Backoff is 0.4 to 0.5 s, then up to 4 s: of five seconds four attempts of each of the eight that begin together, at most. */
const WATCHED_MS = 5000
const MAX_ATTEMPTS = 8 + 5

const retryAfter =
  (value: string): RequestListener =>
  (_, response) =>
    response.writeHead(503, { 'retry-after': value }).end()

const FLOODS: Readonly<Record<string, (t: TestContext) => Promise<Collector>>> = {
  'Retry-After: 0': (t) => httpCollector(t, retryAfter('0')),
  'Retry-After above 2³¹ ms': (t) => httpCollector(t, retryAfter('2147484')),
  'Retry-After in the far future': (t) => httpCollector(t, retryAfter('Fri, 31 Dec 9999 23:59:59 GMT')),
  'Retry-After in the past': (t) => httpCollector(t, retryAfter('Thu, 01 Jan 1970 00:00:00 GMT')),
  'Retry-After of 300 digits': (t) => httpCollector(t, retryAfter('9'.repeat(300))),
  'Retry-After that is none': (t) => httpCollector(t, retryAfter('-1e999')),
  'no answer but a closed connection': (t) => httpCollector(t, (_, response) => response.destroy()),
  'RetryInfo of 0': (t) => grpcCollector(t, retryInfo(0)),
  'RetryInfo above 2³¹ ms': (t) => grpcCollector(t, retryInfo(2 ** 31 + 5)),
  'RetryInfo of 2⁵³ ms': (t) => grpcCollector(t, retryInfo(2 ** 53 - 1)),
}

/** One of each kind, which run side by side. */
const IN_EVERY_RUN = new Set([
  'Retry-After: 0',
  'Retry-After above 2³¹ ms',
  'no answer but a closed connection',
  'RetryInfo of 0',
  'RetryInfo above 2³¹ ms',
])

function retryInfo(ms: number): OutgoingHttpHeaders {
  const details = retryInfoDetails(14, 'wait', ms).toString('base64')
  return { 'grpc-status': '14', 'grpc-message': 'wait', 'grpc-status-details-bin': details }
}

test('floods of retries', { concurrency: 6 }, async (parent) => {
  const all = Object.entries(FLOODS)
    .filter(([label]) => IN_EVERY_RUN.has(label) || process.env['OBS_TEST_MATRIX'] === 'all')
    .map(([label, start]) =>
      parent.test(
        `${label}: 1,000 spans make ${MAX_ATTEMPTS} attempts and 2 lines in five seconds at most`,
        async (t) => {
          const collector = await start(t)
          const app = startNode(t, {
            app: APP,
            env: {
              OTEL_EXPORTER_OTLP_PROTOCOL: label.startsWith('RetryInfo') ? 'grpc' : 'http/protobuf',
              OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
              OTEL_METRICS_EXPORTER: 'none',
              OTEL_BSP_SCHEDULE_DELAY: '10',
              OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
              OBS_SIGNAL_FLUSH_TIMEOUT: '100',
            },
          })
          await app.waitFor(/^ready$/m)
          // On a busy machine the export worker takes its time.
          await eventually(async () => collector.attempts() > 0, 30_000)
          await pause(WATCHED_MS, 'attempts are limited per time')
          const attempts = collector.attempts()
          t.diagnostic(`${attempts} attempts`)
          assert.ok(attempts >= 1 && attempts <= MAX_ATTEMPTS, `${attempts} attempts`)
          const logged = app.stderr.split('\n').filter((line) => line.startsWith('@paxx/obs: traces: '))
          assert.ok(logged.length >= 1 && logged.length <= 2, app.stderr)
          app.kill()
          assert.equal((await app.exited).signal, 'SIGTERM')
        },
      ),
    )
  await Promise.all(all)
})

const CONTROL = '\u001b]0;owned\u0007\u001b[2J\u009b31m\r\n@paxx/obs: a line that is not ours\u2028\u202e\u0000'
const percentEncoded = (text: string): string => encodeURIComponent(text)
const LONG = 'x'.repeat(60_000)

interface Speaker {
  readonly env?: Readonly<Record<string, string>>
  readonly start?: (t: TestContext) => Promise<Collector>
}

/** Everybody who words a part of a line. Headers of HTTP cannot hold most of the characters; raw bytes above 0x7f they can. */
const SPEAKERS: Readonly<Record<string, Speaker>> = {
  'a status text': {
    start: (t) =>
      httpCollector(t, (_, response) => response.writeHead(400, `\u009b31m\t${'\u0085'}${LONG.slice(0, 9000)}`).end()),
  },
  'a location': {
    start: (t) =>
      httpCollector(t, (_, response) =>
        response.writeHead(302, { location: `http://h/\u009b31m${LONG.slice(0, 9000)}` }).end(),
      ),
  },
  'a partial success': {
    start: (t) =>
      httpCollector(t, (_, response) => {
        const errorMessage = CONTROL + LONG.slice(0, 50_000)
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ partialSuccess: { rejectedSpans: 1, errorMessage } }))
      }),
  },
  'a grpc-message': {
    start: (t) =>
      grpcCollector(t, { 'grpc-status': '3', 'grpc-message': percentEncoded(CONTROL + LONG.slice(0, 9000)) }),
  },
  'a grpc content type': {
    start: (t) => grpcCollector(t, { ':status': 400, 'content-type': `\u009b31m${LONG.slice(0, 9000)}` }),
  },
  'the name of the service': { env: { OTEL_SERVICE_NAME: CONTROL.replace('\0', '') + LONG } },
  'a version': { env: { OTEL_RESOURCE_ATTRIBUTES: `service.version=${percentEncoded(CONTROL + LONG)}` } },
  'a setting': { env: { OTEL_TRACES_SAMPLER: CONTROL.replace('\0', '') + LONG } },
  'a list': { env: { OTEL_PROPAGATORS: (CONTROL.replace('\0', '') + LONG).replaceAll('x', ',x').slice(0, 60_000) } },
  'an endpoint': { env: { OTEL_EXPORTER_OTLP_ENDPOINT: CONTROL.replace('\0', '') + LONG } },
  'a header': { env: { OTEL_EXPORTER_OTLP_HEADERS: `${CONTROL.replace('\0', '')}${LONG}=1` } },
  'an unknown option': { env: { [`OBS_INSTRUMENTATION_${'X'.repeat(9000)}\u001b[2J`]: CONTROL.replace('\0', '') } },
  'the name of a file': { env: { OTEL_CONFIG_FILE: CONTROL.replace('\0', '') + LONG } },
  'what the app throws': { env: { THROWS: CONTROL.replace('\0', '') + LONG } },
}

/** Two thousand characters and what is ours around them. */
const MAX_LINE_BYTES = 8 * 1024

for (const [label, { env = {}, start }] of Object.entries(SPEAKERS)) {
  test(`${label} produces no control characters, no additional lines and no long lines`, async (t) => {
    const collector = await start?.(t)
    const app = startNode(t, {
      app: APP,
      env: {
        OTEL_EXPORTER_OTLP_PROTOCOL: label.includes('grpc') ? 'grpc' : 'http/json',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector?.url ?? 'http://127.0.0.1:1',
        OTEL_METRICS_EXPORTER: 'otlp,prometheus',
        OTEL_METRIC_EXPORT_INTERVAL: '200',
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        OTEL_BSP_SCHEDULE_DELAY: '10',
        OTEL_LOG_LEVEL: 'debug',
        OBS_SIGNAL_FLUSH_TIMEOUT: '100',
        ...env,
      },
    })
    await app.waitFor(/^ready$/m)
    await app.waitFor(/traces: |could not collect some metrics|no traces/, 'stderr')
    if (collector !== undefined) await app.waitFor(/HTTP|INVALID|rejected|UNKNOWN|INTERNAL/, 'stderr')
    // It was logged, or hidden.
    await app.waitFor(/x{100}|owned|31m|\*\*\*|"…"/i, 'stderr')
    app.kill()
    const { stderr } = await app.exited
    for (const line of stderr.split('\n').filter((each) => each !== '')) {
      assert.match(line, /^@paxx\/obs: /)
      assert.doesNotMatch(line, /^@paxx\/obs: a line that is not ours/)
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, JSON.stringify(line.slice(0, 300)))
      assert.ok(Buffer.byteLength(line) <= MAX_LINE_BYTES, `${Buffer.byteLength(line)} bytes: ${line.slice(0, 200)}`)
    }
    assert.ok(stderr.length < 100_000)
  })
}
