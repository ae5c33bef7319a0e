import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import type { TestContext } from 'node:test'
import { startExpress } from '../support/express-app.ts'
import { makeCertificates } from '../support/certificates.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedRequest, ReceiverOptions } from '../support/otlp-receiver.ts'
import { freePort } from '../support/free-port.ts'

/** Every way in which spans can leave, against a collector that decodes them. */

const PROTOCOLS = [
  { protocol: undefined, transport: 'grpc', contentType: /^application\/grpc/ },
  { protocol: 'grpc', transport: 'grpc', contentType: /^application\/grpc/ },
  { protocol: 'http/protobuf', transport: 'http', contentType: /^application\/x-protobuf$/ },
  { protocol: 'http/json', transport: 'http', contentType: /^application\/json$/ },
] as const

type Transport = (typeof PROTOCOLS)[number]['transport']

for (const { protocol, transport, contentType } of PROTOCOLS) {
  const label = protocol ?? 'no protocol set'

  test(`${label}: spans arrive complete`, async (t) => {
    const { receiver, request } = await oneRequest(t, transport, { OTEL_EXPORTER_OTLP_PROTOCOL: protocol })
    assert.equal(request.transport, transport)
    assert.match(request.headers['content-type'] ?? '', contentType)
    const server = receiver.spans.find(({ kind }) => kind === 'server')
    assert.ok(server)
    assert.match(server.traceId, /^[0-9a-f]{32}$/)
    assert.match(server.spanId, /^[0-9a-f]{16}$/)
    assert.equal(server.name, 'GET /users/:id')
    assert.equal(server.attributes['http.route'], '/users/:id')
    assert.equal(server.attributes['http.response.status_code'], 200)
    assert.equal(server.resource['service.name'], 'use-apps')
    assert.equal(server.resource['service.version'], '1.2.3')
    assert.ok(server.endNanos > server.startNanos)
    const ageMs = Date.now() - Number(server.startNanos / 1_000_000n)
    assert.ok(ageMs >= 0 && ageMs < 60_000, `${ageMs} ms old`)
  })

  // gRPC is the default.
  if (protocol === undefined) continue

  test(`${label}: headers arrive intact, gzip`, async (t) => {
    const credentials = Buffer.from('shop:pass word==?~').toString('base64')
    const headers = `Authorization=Basic ${credentials}==,X-Scope-OrgID=a%2Cb%3Dc%20d`
    const { request } = await oneRequest(t, transport, {
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_HEADERS: headers,
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    })
    assert.equal(request.headers['authorization'], `Basic ${credentials}==`)
    assert.equal(request.headers['x-scope-orgid'], 'a,b=c d')
    assert.equal(request.headers[transport === 'grpc' ? 'grpc-encoding' : 'content-encoding'], 'gzip')
  })

  test(`${label}: TLS with a certificate authority of its own`, async (t) => {
    const tls = makeCertificates(t)
    await oneRequest(
      t,
      transport,
      { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_CERTIFICATE: tls.caFile },
      { tls },
    )
  })

  test(`${label}: mutual TLS`, async (t) => {
    const tls = makeCertificates(t)
    const env = {
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_CERTIFICATE: tls.caFile,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: tls.clientKeyFile,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: tls.clientCertificateFile,
    }
    await oneRequest(t, transport, env, { tls, requireClientCertificate: true })
  })
}

test('an invalid header is ignored and reported in one line', async (t) => {
  const { request, stderr } = await oneRequest(t, 'grpc', { OTEL_EXPORTER_OTLP_HEADERS: 'good=1,bad key=2,x=ü' })
  assert.equal(request.headers['good'], '1')
  assert.match(stderr, /^@paxx\/obs: .*OTEL_EXPORTER_OTLP_HEADERS/m)
  assert.doesNotMatch(stderr, /ü/, 'values of headers are secrets')
})

test('http/protobuf: a path in the endpoint stays in front of /v1/traces', async (t) => {
  const paths: string[] = []
  const port = await answerEverything(t, (head) => paths.push(head.split(' ')[1] ?? ''))
  const app = await startExpress(t, {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${port}/tenant/a/`,
  })
  await app.get()
  await eventually(() => paths.length > 0)
  assert.equal(paths[0], '/tenant/a/v1/traces')
})

test('grpc: http://host without a port does not dial 443', async (t) => {
  // Nothing listens on 4317 of this name; the line that reports it tells what was dialled.
  const app = await startExpress(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.invalid' })
  await app.running.waitFor(/traces to (\S+)/, 'stderr')
  assert.doesNotMatch(app.running.stderr, /:443/)
  assert.match(app.running.stderr, /http:\/\/collector\.invalid:(4317|80)\b/)
})

async function oneRequest(
  t: TestContext,
  transport: Transport,
  env: Readonly<Record<string, string | undefined>>,
  options: ReceiverOptions = {},
): Promise<{ receiver: OtlpReceiver; request: ReceivedRequest; stderr: string }> {
  const receiver = await OtlpReceiver.start(t, options)
  const endpoint = transport === 'grpc' ? receiver.grpcUrl : receiver.httpUrl
  const app = await startExpress(t, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env })
  await app.get()
  await receiver.waitForSpans((spans) => spans.some(({ kind }) => kind === 'server'))
  const [request] = receiver.requests
  assert.ok(request)
  return { receiver, request, stderr: app.running.stderr }
}

/** A server that answers 200 to whatever comes, and tells each request's head. */
async function answerEverything(t: TestContext, heard: (head: string) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (bytes) => {
      heard(bytes.toString('latin1').split('\r\n')[0] ?? '')
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
    })
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  t.after(() => server.close())
  return port
}
