import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { cutSpan } from '../../../src/export/cut-span.ts'

test('the remaining attributes of a truncated span keep their names', () => {
  const attributes = JSON.parse('{"__proto__": "a", "constructor": "b", "toString": "c"}')
  const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
  const cut = cutSpan({
    name: 'long',
    kind: SpanKind.INTERNAL,
    spanContext: () => spanContext,
    startTime: [1, 0],
    endTime: [2, 0],
    duration: [1, 0],
    ended: true,
    status: { code: SpanStatusCode.UNSET },
    attributes: { ...attributes, text: 'x'.repeat(10_000) },
    events: [{ name: 'happened', time: [1, 0], attributes }],
    links: [{ context: spanContext, attributes }],
    resource: resourceFromAttributes({}),
    instrumentationScope: { name: 'shop' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  })
  assert.deepEqual(cut.attributes, { ...attributes, text: 'x'.repeat(4096), 'obs.span.cut': true })
  assert.deepEqual(cut.events[0]?.attributes, attributes)
  assert.deepEqual(cut.links[0]?.attributes, attributes)
})
