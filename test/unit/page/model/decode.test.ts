import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { SpanEncoder } from '../../../../src/export/span-encoder.ts'
import { decode } from '../../../../src/page/model/decode.ts'
import type { BatchMessage } from '../../../../src/page/messages.ts'

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
const named = (value: Attributes[string]): Attributes => Object.fromEntries(NAMES.map((name) => [name, value]))

const CONTEXT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }

const SPAN: ReadableSpan = {
  name: 'named',
  kind: SpanKind.INTERNAL,
  spanContext: () => CONTEXT,
  startTime: [1, 0],
  endTime: [2, 0],
  duration: [1, 0],
  ended: true,
  status: { code: SpanStatusCode.UNSET },
  attributes: { ...named('of a span'), map: named('in a map') },
  events: [{ name: 'happened', time: [1, 5e8], attributes: named('of an event') }],
  links: [{ context: CONTEXT, attributes: named('of a link') }],
  resource: resourceFromAttributes({}),
  instrumentationScope: { name: 'shop' },
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
}

const ENCODED: Readonly<Record<'protobuf' | 'json', () => Uint8Array>> = {
  protobuf() {
    const encoder = new SpanEncoder({ span: () => {}, attributes: (all) => all, keepsPlain: true, text: (all) => all })
    encoder.add(SPAN)
    return encoder.finish()
  },
  json: () => JsonTraceSerializer.serializeRequest([SPAN]) ?? new Uint8Array(),
}

for (const format of ['protobuf', 'json'] as const satisfies readonly BatchMessage['format'][]) {
  test(`attributes in ${format} that are named like properties of every object are read as the others`, () => {
    const body = Buffer.from(ENCODED[format]()).toString('base64')
    const [span] = decode({ signal: 'traces', format, body }).spans
    assert.deepEqual(span?.attributes, SPAN.attributes)
    assert.deepEqual(span.events, [{ name: 'happened', atMs: 1500, attributes: named('of an event') }])
    const { traceId, spanId } = CONTEXT
    assert.deepEqual(span.links, [{ traceId, spanId, attributes: named('of a link') }])
  })
}
