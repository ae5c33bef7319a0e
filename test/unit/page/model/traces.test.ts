import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Span } from '../../../../src/page/model/spans-and-logs.ts'
import { Traces } from '../../../../src/page/model/traces.ts'
import { barsOf } from '../../../../src/page/model/waterfall.ts'
import { span } from './spans.ts'

/** What is missing of a trace that has these spans: whether it is its root, and how many spans in all. */
const COMPLETENESS: readonly (readonly [
  title: string,
  spans: readonly Span[],
  root: string,
  isRootMissing: boolean,
  missing: number,
])[] = [
  ['all are there', [span('a', undefined, { kind: 'server' }), span('b', 'a')], 'a', false, 0],
  ['the caller is another service', [span('a', 'far', { kind: 'server', hasRemoteParent: true })], 'a', false, 0],
  [
    'the format does not say where the caller is',
    [span('a', 'far', { kind: 'server', hasRemoteParent: undefined })],
    'a',
    false,
    0,
  ],
  ['the root is lost', [span('b', 'a', { startMs: 1 }), span('c', 'a', { startMs: 2 })], 'b', true, 1],
  ['the root and one below it are lost', [span('c', 'b'), span('d', 'a')], 'c', true, 2],
  ['a span in the middle is lost', [span('a', undefined), span('c', 'b')], 'a', false, 1],
  [
    'a request to itself came through, and the outer one is lost',
    [span('b', 'a', { kind: 'client' }), span('c', 'b', { kind: 'server', hasRemoteParent: true })],
    'b',
    true,
    1,
  ],
]

for (const [title, spans, root, isRootMissing, missing] of COMPLETENESS) {
  test(`missing spans of a trace: ${title}`, () => {
    const traces = new Traces()
    traces.add(spans)
    const trace = traces.get('trace')
    assert.deepEqual([trace?.root.spanId, trace?.isRootMissing, trace?.missing], [root, isRootMissing, missing])
  })
}

test('a trace is complete again once its late root has arrived', () => {
  const traces = new Traces()
  traces.add([span('b', 'a')])
  assert.equal(traces.get('trace')?.isRootMissing, true)
  traces.add([span('a', undefined)])
  assert.deepEqual([traces.get('trace')?.isRootMissing, traces.get('trace')?.missing], [false, 0])
})

test("spans that are each other's parents are shown", () => {
  const traces = new Traces()
  traces.add([span('a', 'b', { startMs: 1 }), span('b', 'a', { startMs: 2 }), span('a2', 'a2', { traceId: 'self' })])
  assert.deepEqual(
    traces.list.map(({ id, root }) => [id, root.spanId]),
    [
      ['trace', 'a'],
      ['self', 'a2'],
    ],
  )
  const trace = traces.get('trace')
  assert.ok(trace)
  assert.equal(barsOf(trace, new Set()).length, 2)
})

test('a waterfall marks the spans whose parent is missing', () => {
  const traces = new Traces()
  traces.add([span('a', undefined), span('b', 'a'), span('d', 'c')])
  const trace = traces.get('trace')
  assert.ok(trace)
  assert.deepEqual(
    barsOf(trace, new Set()).map((bar) => [bar.span.spanId, bar.depth, bar.isOrphan]),
    [
      ['a', 0, false],
      ['b', 1, false],
      ['d', 0, true],
    ],
  )
})

test('the critical path leads to the span that ended last, without those that ran concurrently', () => {
  const traces = new Traces()
  traces.add([
    span('root', undefined, { startMs: 0, endMs: 100 }),
    span('first', 'root', { startMs: 0, endMs: 40 }),
    span('beside', 'root', { startMs: 45, endMs: 60 }),
    span('last', 'root', { startMs: 42, endMs: 95 }),
    span('below', 'last', { startMs: 50, endMs: 90 }),
  ])
  const trace = traces.get('trace')
  assert.ok(trace)
  const critical = barsOf(trace, new Set()).filter(({ isCritical }) => isCritical)
  assert.deepEqual(critical.map(({ span: { spanId } }) => spanId).toSorted(), ['below', 'first', 'last', 'root'])
})

function request(i: number, rest: Partial<Span>): Span {
  return span('root', undefined, { traceId: `${i}`, kind: 'server', startMs: i, endMs: i + 1, ...rest })
}

test('the slowest and the failed traces are kept longer than others', () => {
  const traces = new Traces()
  traces.add([request(0, { endMs: 5000 }), request(1, { failed: true }), request(2, {})])
  for (let i = 3; i < 2500; i++) traces.add([request(i, {})])
  assert.deepEqual(
    ['0', '1', '2'].map((id) => traces.get(id) !== undefined),
    [true, true, false],
  )
  assert.ok(traces.list.length <= 2000)
})

test('a span of another clock, which begins long before the root, does not stretch the trace', () => {
  const traces = new Traces()
  traces.add([
    span('root', undefined, { startMs: 1e12, endMs: 1e12 + 100 }),
    span('other clock', 'root', { startMs: 0, endMs: 2e12 }),
    span('last', 'root', { startMs: 1e12 + 10, endMs: 1e12 + 90 }),
    span('a little early', 'root', { startMs: 1e12 - 5, endMs: 1e12 + 5 }),
  ])
  const trace = traces.get('trace')
  assert.ok(trace)
  assert.deepEqual([trace.startMs, trace.endMs, trace.skewed], [1e12, 1e12 + 100, 1])
  const critical = barsOf(trace, new Set()).filter(({ isCritical }) => isCritical)
  assert.deepEqual(critical.map(({ span: { spanId } }) => spanId).toSorted(), ['a little early', 'last', 'root'])
})
