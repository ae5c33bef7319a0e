import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { makeCertificates } from '../support/certificates.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { scrape } from '../support/scrape.ts'
import type { Scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'

type Server = 'http' | 'https' | 'express' | 'fastify'

/** What is sent, and what must then have been measured of it. */
interface Call {
  readonly method?: string
  readonly path: string
  /** A piece each; several are sent in chunks, one with its length. */
  readonly body?: readonly string[]
  readonly status: number
  readonly requestBytes?: number
  readonly responseBytes: number
}

const CALLS: readonly Call[] = [
  { path: '/length', status: 200, responseBytes: 1000 },
  { method: 'HEAD', path: '/length', status: 200, responseBytes: 0 },
  { path: '/stream', status: 200, responseBytes: 5016 },
  { path: '/empty', status: 204, responseBytes: 0 },
  {
    method: 'POST',
    path: '/echo',
    body: ['ab', 'é', 'c'.repeat(3000)],
    status: 200,
    requestBytes: 3004,
    responseBytes: 3004,
  },
  {
    method: 'POST',
    path: '/echo',
    body: ['x'.repeat(70_000)],
    status: 200,
    requestBytes: 70_000,
    responseBytes: 70_000,
  },
  { method: 'POST', path: '/refuse', body: ['never read'], status: 413, requestBytes: 10, responseBytes: 9 },
]

const OWN: Readonly<Partial<Record<Server, readonly Call[]>>> = {
  fastify: [
    { path: '/reply', status: 200, responseBytes: 300 },
    { path: '/reply-stream', status: 200, responseBytes: 3 },
  ],
}

/** What the app does to its own response, and the status and the type of error that it is then. */
const BROKEN: Readonly<Record<string, readonly [status: string, errorType: string]>> = {
  '/breaks-off': ['', 'TypeError'],
  '/breaks-off-halfway': ['200', 'TypeError'],
  // An error that is only emitted is the app's affair: no listener of ours is on its response.
  '/error-event': ['', '_OTHER'],
  // It was sent as a whole.
  '/write-after-end': ['200', ''],
}

test('body sizes, active requests and clients that disconnect', async (t) => {
  const { serverKeyFile, serverCertificateFile } = makeCertificates(t)
  const app = await startServingApp(t, {
    app: 'use-bodies.mjs',
    env: { TLS_KEY: serverKeyFile, TLS_CERTIFICATE: serverCertificateFile },
  })
  await app.process.waitFor(/metrics on/, 'stderr')
  const ports = JSON.parse((await app.process.waitFor(/^ports (.+)$/m))[1] ?? '') as Record<Server, number>
  const send = (server: Server, call: Pick<Call, 'method' | 'path' | 'body'>): ClientRequest =>
    open(server, ports, call)
  const scraped = (): Promise<Scrape> => scrape(app.sidePort)

  let total = 0
  for (const server of ['http', 'https', 'express', 'fastify'] as const) {
    const routed = server === 'express' || server === 'fastify'
    const where = { url_scheme: server === 'https' ? 'https' : 'http' }
    const endpointOf = ({ path }: Pick<Call, 'path'>): string => (routed ? `/${server}${path}` : '')

    await t.test(`${server}: sizes`, async () => {
      const calls = [...CALLS, ...(OWN[server] ?? [])]
      for (const call of calls) {
        const response = await answered(send(server, call))
        assert.equal(response.status, call.status, call.path)
      }
      // The client has its answer a little before the server is done with the request.
      total += calls.length
      await eventually(async () => (await scraped()).sum('http_server_request_duration_seconds_count') === total)
      const metrics = await scraped()
      for (const call of calls) {
        const labels = {
          ...where,
          http_request_method: call.method ?? 'GET',
          http_response_status_code: String(call.status),
          // Without a route, all of a status come together.
          http_route: endpointOf(call),
        }
        const same = calls.filter(
          (other) =>
            (other.method ?? 'GET') === labels.http_request_method &&
            other.status === call.status &&
            (!routed || other.path === call.path),
        )
        const sum = (of: (call: Call) => number): number => same.reduce((bytes, each) => bytes + of(each), 0)
        for (const [name, expected] of Object.entries({
          http_server_request_body_size_bytes_count: same.length,
          http_server_request_body_size_bytes_sum: sum(({ requestBytes }) => requestBytes ?? 0),
          http_server_response_body_size_bytes_count: same.length,
          http_server_response_body_size_bytes_sum: sum(({ responseBytes }) => responseBytes),
        })) {
          assert.equal(metrics.sum(name, labels), expected, `${name} ${JSON.stringify(labels)}`)
        }
      }
    })

    await t.test(`${server}: active requests, and clients that disconnect`, async () => {
      const labels = { ...where, http_request_method: 'GET' }
      const active = async (): Promise<number> => (await scraped()).sum('http_server_active_requests', labels)
      assert.equal(await active(), 0)
      const hanging = [0, 1, 2].map(() => send(server, { path: '/hang' }))
      for (const call of hanging) call.end()
      await eventually(async () => (await active()) === 3)
      for (const call of hanging) call.destroy()
      await gaveUpAfterTheFirstBytes(send(server, { path: '/half' }))
      await gaveUpAfterTheFirstBytes(send(server, { path: '/fails-halfway' }))
      await eventually(async () => (await active()) === 0)
      total += 5

      const metrics = await scraped()
      const duration = 'http_server_request_duration_seconds_count'
      const aborted = { ...labels, error_type: 'aborted' }
      const hangs = { ...aborted, http_route: endpointOf({ path: '/hang' }), http_response_status_code: '' }
      assert.equal(metrics.sum(duration, hangs), 3, 'nothing was sent: no status')
      const half = { ...aborted, http_route: endpointOf({ path: '/half' }), http_response_status_code: '200' }
      assert.equal(metrics.sum(duration, half), 1, 'the status that was sent, and what became of it')
      const fails = { ...labels, http_route: endpointOf({ path: '/fails-halfway' }), error_type: '500' }
      assert.equal(metrics.sum(duration, fails), 1)
      if (routed) {
        const totals = ['/hang', '/half', '/fails-halfway'].map((path) =>
          metrics
            .find('http_requests_total', { endpoint: endpointOf({ path }) })
            .map((sample) => `${sample.labels['status']}: ${sample.value}`),
        )
        assert.deepEqual(totals, [['499: 3'], ['499: 1'], ['500: 1']])
      }
    })
  }

  await t.test(
    'an app that breaks off: the status that was sent, none where none was, and not the client',
    async () => {
      for (const server of ['http', 'express'] as const) {
        for (const path of Object.keys(BROKEN)) {
          await answered(send(server, { path })).catch(() => {})
        }
      }
      const paths = Object.keys(BROKEN)
      total += 2 * paths.length
      await eventually(async () => (await scraped()).sum('http_server_request_duration_seconds_count') === total)
      const metrics = await scraped()
      const found = paths.map((path) => {
        const [sample = assert.fail(path), ...others] = metrics.find('http_server_request_duration_seconds_count', {
          http_route: `/express${path}`,
        })
        assert.deepEqual(others, [])
        return [path, [sample.labels['http_response_status_code'] ?? '', sample.labels['error_type'] ?? '']]
      })
      assert.deepEqual(Object.fromEntries(found), BROKEN)
      const statuses = paths.flatMap((path) => metrics.find('http_requests_total', { endpoint: `/express${path}` }))
      assert.deepEqual(
        statuses.map(({ labels }) => labels['status'] ?? ''),
        Object.values(BROKEN).map(([status]) => status),
      )
      assert.equal(metrics.sum('http_server_active_requests'), 0)
    },
  )

  await t.test('the span of an aborted request has its error.type', async () => {
    await app.receiver.waitForSpans((spans) => spans.some(isHanging))
    const span = app.receiver.spans.find(isHanging)
    assert.equal(span?.attributes['error.type'], 'aborted')
    assert.equal(span.attributes['http.response.status_code'], undefined)
    assert.equal(span.status, 'error')
  })
})

test('OBS_INSTRUMENTATION_HTTP_BODY_SIZES=false omits the sizes', async (t) => {
  const app = await startServingApp(t, { app: 'use-http.mjs', env: { OBS_INSTRUMENTATION_HTTP_BODY_SIZES: 'false' } })
  await app.process.waitFor(/metrics on/, 'stderr')
  await app.get('/')
  const metrics = await scrape(app.sidePort)
  assert.equal(metrics.sum('http_server_request_duration_seconds_count'), 1)
  assert.deepEqual(metrics.find('http_server_response_body_size_bytes_count'), [])
})

function isHanging({ kind, attributes }: ReceivedSpan): boolean {
  return kind === 'server' && attributes['http.route'] === '/express/hang'
}

function open(
  server: Server,
  ports: Record<Server, number>,
  { method = 'GET', path, body = [] }: Pick<Call, 'method' | 'path' | 'body'>,
): ClientRequest {
  const prefix = server === 'express' || server === 'fastify' ? `/${server}` : ''
  const [only] = body
  const call = (server === 'https' ? httpsRequest : httpRequest)({
    host: '127.0.0.1',
    port: ports[server],
    method,
    path: `${prefix}${path}`,
    agent: false,
    rejectUnauthorized: false,
    headers: body.length === 1 && only !== undefined ? { 'content-length': Buffer.byteLength(only) } : {},
  })
  call.on('error', () => {})
  for (const piece of body) call.write(piece)
  return call
}

async function answered(call: ClientRequest): Promise<{ status: number | undefined; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    call.once('response', resolve).once('error', reject).end()
  })
  return { status: response.statusCode, body: await text(response) }
}

async function gaveUpAfterTheFirstBytes(call: ClientRequest): Promise<void> {
  await new Promise<void>((resolve) => {
    call.once('response', (response) => response.once('data', () => resolve())).end()
  })
  call.destroy()
}
