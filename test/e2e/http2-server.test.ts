import assert from 'node:assert/strict'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { connect, constants } from 'node:http2'
import { request } from 'node:https'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeCertificates } from '../support/certificates.ts'
import { majorNodeVersions } from '../support/matrix.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { ROOT } from '../support/paths.ts'
import { scrape } from '../support/scrape.ts'
import type { Scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'

/** Servers of node:http2, which upstream's instrumentation of http does not cover. */

type Server = 'streams' | 'requests' | 'fastify' | 'secure'

interface Call {
  readonly method?: string
  readonly path: string
  readonly body?: string
  readonly status: number
  readonly responseBytes: number
}

const FILE_BYTES = statSync(join(ROOT, 'test/apps/use-http2.mjs')).size

const CALLS: readonly Call[] = [
  { path: '/text', status: 200, responseBytes: 1000 },
  { method: 'HEAD', path: '/text', status: 200, responseBytes: 0 },
  { path: '/empty', status: 204, responseBytes: 0 },
  { path: '/file', status: 200, responseBytes: FILE_BYTES },
  { method: 'POST', path: '/echo', body: 'y'.repeat(40_000), status: 201, responseBytes: 40_000 },
  { method: 'POST', path: '/text', status: 200, responseBytes: 1000 },
  { path: '/work', status: 200, responseBytes: 0 },
]

const SERVERS: readonly (readonly [
  Server,
  { http1?: boolean; hasRoute?: boolean; scheme: string; version: string },
])[] = [
  ['streams', { scheme: 'http', version: '2' }],
  ['requests', { scheme: 'http', version: '2' }],
  ['fastify', { scheme: 'http', version: '2', hasRoute: true }],
  ['secure', { scheme: 'https', version: '2' }],
  ['secure', { scheme: 'https', version: '1.1', http1: true }],
]

const TRACE = 'c'.repeat(32)
const PARENT = 'd'.repeat(16)
const DURATION = 'http_server_request_duration_seconds_count'

for (const node of majorNodeVersions()) {
  test(`servers of node:http2 on Node ${node.label}`, { timeout: 120_000 }, async (t) => {
    const { serverKeyFile, serverCertificateFile } = makeCertificates(t)
    const app = await startServingApp(t, {
      app: 'use-http2.mjs',
      execPath: node.execPath,
      env: { TLS_KEY: serverKeyFile, TLS_CERTIFICATE: serverCertificateFile },
    })
    await app.process.waitFor(/metrics on/, 'stderr')
    const ports = JSON.parse((await app.process.waitFor(/^ports (.+)$/m))[1] ?? '') as Record<Server, number>
    const scraped = (): Promise<Scrape> => scrape(app.sidePort)
    let total = 0
    /**
     * All that was sent so far is counted and nothing is being served: the client has its answer a little before the server is
     * done, scrapes may share a collection, and a collection may read the one before and the other after a request's end.
     */
    const atRest = async (sent: number): Promise<Scrape> => {
      total += sent
      await eventually(async () => {
        const metrics = await scraped()
        return metrics.sum(DURATION) === total && metrics.sum('http_server_active_requests') === 0
      })
      return scraped()
    }

    for (const [server, { http1 = false, hasRoute = false, scheme, version }] of SERVERS) {
      const send = (call: Asked): Sent =>
        (http1 ? overHttp1 : overHttp2)(`${scheme}://127.0.0.1:${ports[server]}`, call)
      const where = { url_scheme: scheme, network_protocol_version: version }
      const routeOf = (path: string): Record<string, string> => ({ http_route: hasRoute ? path : '' })

      await t.test(`${server} over HTTP/${version}: responses`, async () => {
        const before = await atRest(0)
        for (const call of CALLS) {
          assert.deepEqual(await send(call).answer, { status: call.status, bytes: call.responseBytes }, call.path)
        }
        const after = await atRest(CALLS.length)
        for (const { method = 'GET', path, status, body = '' } of CALLS) {
          const same = CALLS.filter(
            (other) =>
              other.status === status && (other.method ?? 'GET') === method && (!hasRoute || other.path === path),
          )
          const labels = {
            ...where,
            ...routeOf(path),
            http_request_method: method,
            http_response_status_code: String(status),
            error_type: '',
          }
          const grownBy = (name: string): number => after.sum(name, labels) - before.sum(name, labels)
          assert.equal(grownBy(DURATION), same.length, path)
          const sent = same.reduce((sum, { responseBytes }) => sum + responseBytes, 0)
          assert.equal(grownBy('http_server_response_body_size_bytes_sum'), sent, path)
          assert.equal(grownBy('http_server_request_body_size_bytes_sum'), body.length, `to ${path}`)
        }
      })

      await t.test(
        `${server} over HTTP/${version}: clients that disconnect, and an app that destroys the response`,
        async () => {
          const before = await atRest(0)
          const hanging = [send({ path: '/hang' }), send({ path: '/hang' })]
          await eventually(
            async () => (await scraped()).sum('http_server_active_requests', { url_scheme: scheme }) === 2,
          )
          for (const call of hanging) call.giveUp()
          const half = send({ path: '/half' })
          await half.began
          half.giveUp()
          const failed = send({ path: '/fails' })
          const after = await atRest(4)
          assert.equal(after.sum('http_server_active_requests'), 0)
          for (const { answer } of [...hanging, half, failed]) await assert.rejects(answer)

          const count = (path: string, error_type: string, http_response_status_code: string): number => {
            const labels = { ...where, ...routeOf(path), error_type, http_response_status_code }
            return after.sum(DURATION, labels) - before.sum(DURATION, labels)
          }
          assert.equal(count('/hang', 'aborted', ''), 2, 'nothing was sent: no status')
          assert.equal(count('/half', 'aborted', '200'), 1, 'the status that was sent, and what became of it')
          assert.equal(count('/fails', 'TypeError', ''), 1, 'the client did not give up')
        },
      )

      await t.test(`${server} over HTTP/${version}: spans`, async () => {
        const headers = { traceparent: `00-${TRACE}-${PARENT}-01` }
        const path = `/work`
        const known = new Set(app.receiver.spans.map(({ spanId }) => spanId))
        await send({ path, headers }).answer
        await send({ method: 'POST', path: '/echo', body: 'abc', headers }).answer
        total += 2
        const isNew = ({ traceId, spanId }: ReceivedSpan): boolean => traceId === TRACE && !known.has(spanId)
        await app.receiver.waitForSpans((spans) => spans.filter(isNew).length >= 5)
        const spans = app.receiver.spans.filter(isNew)
        const ids = new Map(spans.map((span) => [span.spanId, span]))
        const served = spans.filter(({ kind }) => kind === 'server')
        assert.deepEqual(served.map(({ name, parentSpanId, status }) => [name, parentSpanId, status]).toSorted(), [
          [hasRoute ? `GET ${path}` : 'GET', PARENT, 'unset'],
          [hasRoute ? 'POST /echo' : 'POST', PARENT, 'unset'],
        ])
        const [{ attributes } = assert.fail()] = served
        assert.equal(attributes['network.protocol.version'], version)
        assert.equal(attributes['server.address'], '127.0.0.1')
        assert.equal(attributes['server.port'], ports[server])
        assert.equal(attributes['url.scheme'], scheme)
        assert.equal(attributes['network.peer.address'], '127.0.0.1')
        const isBelow = (span: ReceivedSpan | undefined, root: string): boolean =>
          span !== undefined && (span.parentSpanId === root || isBelow(ids.get(span.parentSpanId), root))
        for (const name of ['at once', 'later', 'in an event']) {
          const inside = spans.find((span) => span.name === name)
          const root = served.find((span) => span.attributes['url.path'] === (name === 'in an event' ? '/echo' : path))
          assert.ok(isBelow(inside, root?.spanId ?? ''), `"${name}" is part of its request`)
        }
      })
    }
    assert.equal(
      app.process.stderr
        .split('\n')
        .filter((line) => /error|warn/i.test(line))
        .join('\n'),
      '',
    )
  })
}

interface Asked {
  readonly method?: string
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Sent {
  /** Rejects when the answer is not whole. */
  readonly answer: Promise<{ readonly status: number; readonly bytes: number }>
  /** The first bytes of a body have come. */
  readonly began: Promise<void>
  giveUp(): void
}

function overHttp2(origin: string, { method = 'GET', path, body, headers = {} }: Asked): Sent {
  const session = connect(origin, { rejectUnauthorized: false })
  const stream = session.request({ ':method': method, ':path': path, ...headers }, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  let status = 0
  let bytes = 0
  stream.on('response', (answered) => (status = answered[':status'] ?? 0))
  const began = new Promise<void>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      resolve()
    })
  })
  const answer = new Promise<{ status: number; bytes: number }>((resolve, reject) => {
    stream.on('error', reject)
    session.on('error', reject)
    stream.on('close', () => {
      session.destroy()
      if (stream.readableEnded && status > 0 && stream.rstCode === 0) resolve({ status, bytes })
      else reject(new Error('given up'))
    })
  })
  answer.catch(() => {})
  return { answer, began, giveUp: () => stream.close(constants.NGHTTP2_CANCEL) }
}

function overHttp1(origin: string, { method = 'GET', path, body, headers = {} }: Asked): Sent {
  const call = request(`${origin}${path}`, { method, headers, agent: false, rejectUnauthorized: false })
  call.end(body)
  const response = new Promise<IncomingMessage>((resolve, reject) => call.on('response', resolve).on('error', reject))
  let bytes = 0
  const began = response.then(
    (answered) =>
      new Promise<void>((resolve) => {
        answered.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          resolve()
        })
      }),
  )
  began.catch(() => {})
  const answer = response.then(async (answered) => {
    await once(answered, 'end')
    return { status: answered.statusCode ?? 0, bytes }
  })
  answer.catch(() => {})
  return { answer, began, giveUp: () => call.destroy(new Error('given up')) }
}

test("gRPC calls are traced by gRPC's instrumentation only", async (t) => {
  const app = await startServingApp(t, { app: 'use-grpc.mjs' })
  await app.process.waitFor(/metrics on/, 'stderr')
  assert.equal((await app.get('/ok')).status, 200)
  await app.receiver.waitForSpans((spans) => spans.filter(({ kind }) => kind === 'server').length >= 2)
  const served = app.receiver.spans.filter(({ kind }) => kind === 'server')
  assert.deepEqual(served.map(({ scope }) => scope.replace('@opentelemetry/instrumentation-', '')).toSorted(), [
    'grpc',
    'http',
  ])
  assert.equal((await scrape(app.sidePort)).sum(DURATION), 1)
})

test('gRPC calls without its instrumentation', async (t) => {
  const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'grpc' }
  const app = await startServingApp(t, { app: 'use-grpc.mjs', env })
  await app.process.waitFor(/metrics on/, 'stderr')
  assert.equal((await app.get('/ok')).status, 200)
  await eventually(async () => (await scrape(app.sidePort)).sum(DURATION) === 2)
})
