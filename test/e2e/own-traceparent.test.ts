import assert from 'node:assert/strict'
import { test } from 'node:test'
import { majorNodeVersions } from '../support/matrix.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { runNode } from '../support/run-node.ts'

const CALLERS = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const OTHER = ['other', 'x']

/** One rule for every client: in a span, ours replaces the app's; without, the app's is the parent. */
const CLIENTS = ['http', 'http2', 'fetch', 'fetch, pairs']

for (const { label, execPath } of majorNodeVersions()) {
  test(`a traceparent that the app sets itself, on Node ${label}`, async (t) => {
    const receiver = await OtlpReceiver.start(t)
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OBS_FLEET: 'false',
      OBS_EXIT_FLUSH_TIMEOUT: '20000',
    }
    const { stdout, stderr } = await runNode(t, { app: 'use-own-traceparent.mjs', execPath, env })
    const received = JSON.parse(stdout || stderr) as Record<string, string[]>
    const clients = new Map(receiver.spans.filter(({ kind }) => kind === 'client').map((span) => [span.spanId, span]))
    const valueOf = (name: string, header: string): string[] => {
      const raw = received[name] ?? []
      return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === header)
    }
    const senderOf = (name: string): ReceivedSpan => {
      const [traceparent = '', ...more] = valueOf(name, 'traceparent')
      assert.deepEqual(more, [], name)
      const [, traceId, spanId = ''] = traceparent.split('-')
      const span = clients.get(spanId)
      assert.ok(span !== undefined && span.traceId === traceId, `${name}: ${traceparent}`)
      return span
    }
    const works = new Map(receiver.spans.filter(({ name }) => name === 'work').map((span) => [span.spanId, span]))
    for (const name of CLIENTS) {
      const inSpan = senderOf(`${name}, in a span`)
      assert.equal(works.get(inSpan.parentSpanId)?.traceId, inSpan.traceId, name)
      assert.deepEqual(valueOf(`${name}, in a span`, 'tracestate'), [], name)
      const alone = senderOf(name)
      assert.equal(`00-${alone.traceId}-${alone.parentSpanId}-01`, CALLERS, name)
      assert.deepEqual(valueOf(name, 'tracestate'), ['a=b'], name)
    }
    assert.notEqual(senderOf('plain, in a span').parentSpanId, '')
    assert.equal(senderOf('plain').parentSpanId, '')
    // The headers of a list are written before anybody could add to them.
    for (const name of ['http, flat list', 'http, flat list, in a span']) {
      assert.deepEqual(received[name], ['TraceParent', CALLERS, 'tracestate', 'a=b', ...OTHER], name)
    }
  })
}
