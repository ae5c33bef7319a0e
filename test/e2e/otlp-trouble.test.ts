import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startExpress } from '../support/express-app.ts'
import { accept, acceptAfter, first, neverAnswer, partialSuccess, reject } from '../support/otlp-reply.ts'
import type { ReceivedRequest } from '../support/otlp-receiver.ts'
import type { Reply } from '../support/otlp-reply.ts'
import { splitStderr } from '../support/own-lines.ts'
import { closedUrl, startRawPeer } from '../support/raw-peer.ts'
import type { PeerBehaviour, RawPeer } from '../support/raw-peer.ts'
import type { RunningProcess } from '../support/running-process.ts'
import { startServingApp } from '../support/serving-app.ts'

/** Whatever listens in the collector's place, the app serves requests as fast as before and ends on SIGTERM. */

/** The default of 2 s that an end by signal waits for the last export, and the machine's other work. */
const END_MS = 30_000
/** A request that waited for the collector would be answered with its end, or never. */
const ANSWER_MS = 30_000

/** The peer in the collector's place, and the likely cause that the log names, for each protocol. */
const PEERS: readonly (readonly [PeerBehaviour | 'closed', grpc: RegExp, http: RegExp])[] = [
  ['closed', /nothing listens there/, /nothing listens there/],
  ['silent', /dropped at exit/, /dropped at exit/],
  ['reset', /may speak TLS.*OTLP\/HTTP/, /may speak TLS.*gRPC/],
  ['closes', /may speak TLS.*OTLP\/HTTP/, /may speak TLS.*gRPC/],
  ['garbage', /may speak TLS.*OTLP\/HTTP/, /may speak TLS.*gRPC/],
  ['html', /may speak TLS.*OTLP\/HTTP/, /HTTP 200 with a web page; this is a web server/],
  ['http1', /may speak TLS.*OTLP\/HTTP/, /HTTP 400 Bad Request/],
  ['redirect', /may speak TLS.*OTLP\/HTTP/, /HTTP 302 Found to https:\/\/login\.example\/; redirects are not followed/],
  ['endless', /may speak TLS.*OTLP\/HTTP/, /may speak TLS.*gRPC/],
]
const refuse = (): Reply => reject('UNAUTHENTICATED')
const takePart = (): Reply => partialSuccess(1, 'span too old')

const PROTOCOLS = ['grpc', 'http/protobuf'] as const

for (const protocol of PROTOCOLS) {
  for (const [peer, overGrpc, overHttp] of PEERS) {
    test(`${protocol}: a collector that is ${peer}`, async (t) => {
      const listening = peer === 'closed' ? undefined : await startRawPeer(t, peer)
      const url = listening?.url ?? (await closedUrl())
      const { get, running } = await startExpress(t, {
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      })
      for (let round = 0; round < 20; round++) {
        const askedAt = performance.now()
        assert.equal((await get()).status, 200)
        assert.ok(performance.now() - askedAt < ANSWER_MS, 'a request waits for the collector')
        if (round === 10) await untilTried(running, listening)
      }
      const toldAt = performance.now()
      running.kill('SIGTERM')
      const result = await running.exited
      assert.ok(performance.now() - toldAt < END_MS, `${performance.now() - toldAt} ms`)
      assert.deepEqual([result.code, result.signal], [null, 'SIGTERM'])
      const { own, app } = splitStderr(result.stderr)
      assert.deepEqual(app, [])
      const expected = protocol === 'grpc' ? overGrpc : overHttp
      assert.ok(
        own.some((line) => expected.test(line) && line.includes(url)),
        result.stderr,
      )
      assert.ok(
        own.length >= 2 && own.length <= 4,
        `the loss is logged, but not once for each batch:\n${result.stderr}`,
      )
    })
  }

  const RECOVERIES: readonly { label: string; reply: (request: ReceivedRequest) => Reply; calls: number }[] = [
    { label: 'unavailable at first', reply: first(2, reject('UNAVAILABLE')), calls: 3 },
    { label: 'asking to come back in a second', reply: first(1, reject('RESOURCE_EXHAUSTED', 1_000)), calls: 2 },
    { label: 'slow by a second', reply: () => acceptAfter(1_000), calls: 1 },
    { label: 'content', reply: () => accept, calls: 1 },
  ]

  for (const { label, reply, calls } of RECOVERIES) {
    test(`${protocol}: a collector that is ${label} gets the spans, once`, async (t) => {
      const app = await startServingApp(t, {
        app: 'use-http.mjs',
        env: { ...protocolOf(protocol) },
        receiver: { reply },
      })
      const startedAt = performance.now()
      await app.get('/')
      await app.receiver.waitForSpans(1)
      assert.equal(app.receiver.requests.length, calls)
      if (label.includes('second') && calls > 1) assert.ok(performance.now() - startedAt > 950)
      // What would be sent again is sent at the end, at the latest.
      app.process.kill('SIGTERM')
      await app.process.exited
      assert.equal(app.receiver.spans.length, 1)
    })
  }

  test(`${protocol}: a permanently rejected batch is not retried, and logged`, async (t) => {
    const reply = refuse
    const app = await startServingApp(t, { app: 'use-http.mjs', env: { ...protocolOf(protocol) }, receiver: { reply } })
    await app.get('/')
    await app.receiver.waitUntil(({ requests }) => requests.length > 0)
    await app.process.waitFor(/^@paxx\/obs: .*(UNAUTHENTICATED|401)/m, 'stderr')
    assert.equal(app.receiver.requests.length, 1)
  })

  test(`${protocol}: a partial success is logged with the collector's reason, and not retried`, async (t) => {
    const reply = takePart
    const app = await startServingApp(t, {
      app: 'use-http.mjs',
      env: { ...protocolOf(protocol) },
      receiver: { reply },
    })
    await app.get('/')
    await app.process.waitFor(/^@paxx\/obs: .*span too old/m, 'stderr')
    assert.equal(app.receiver.requests.length, 1)
  })

  test(`${protocol}: a collector that never responds does not keep the process alive`, async (t) => {
    const app = await startServingApp(t, {
      app: 'use-http.mjs',
      env: { ...protocolOf(protocol) },
      receiver: { reply: () => neverAnswer },
    })
    await app.get('/')
    const toldAt = performance.now()
    app.process.kill('SIGINT')
    const { signal } = await app.process.exited
    assert.equal(signal, 'SIGINT')
    assert.ok(performance.now() - toldAt < END_MS)
  })
}

/** Waits until an export was tried, so that later ones find the export in trouble. */
async function untilTried(running: RunningProcess, peer: RawPeer | undefined): Promise<void> {
  if (peer === undefined) await running.waitFor(/nothing listens there/, 'stderr')
  else await eventually(() => peer.connections > 0)
}

function protocolOf(protocol: (typeof PROTOCOLS)[number]): Record<string, string> {
  return protocol === 'grpc' ? {} : { OTEL_EXPORTER_OTLP_PROTOCOL: protocol }
}
