import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { context, trace } from '@opentelemetry/api'
import { withTraceIds } from '../../../src/providers/console-logs.ts'
import { StorageContextManager } from '../../../src/sdk/context-manager.ts'

const TRACE = 'a'.repeat(32)
const SPAN = 'b'.repeat(16)
const IDS = `trace_id=${TRACE} span_id=${SPAN}`

before(() => void context.setGlobalContextManager(new StorageContextManager()))

function inSpan(args: unknown[]): unknown[] {
  const active = trace.setSpanContext(context.active(), { traceId: TRACE, spanId: SPAN, traceFlags: 1 })
  return context.with(active, () => withTraceIds(args))
}

const CASES: readonly (readonly [args: unknown[], written: unknown[]])[] = [
  [['hello'], [`hello ${IDS}`]],
  [['100%s'], [`100%s ${IDS}`]],
  [['%s is %s', 'a', 'b'], [`a is b ${IDS}`]],
  [['a', 'b'], [`a b ${IDS}`]],
  [['two\nlines\n'], [`two\nlines ${IDS}\n`]],
  [['{"a":1}'], [`{"a":1,"trace_id":"${TRACE}","span_id":"${SPAN}"}`]],
  [[`{"trace_id":"${TRACE}"}`], [`{"trace_id":"${TRACE}"}`]],
  [['{}'], [`{} ${IDS}`]],
  [[''], ['']],
  [[], []],
  [
    ['a', 1],
    ['a', 1],
  ],
  [[{ a: 1 }], [{ a: 1 }]],
]

for (const [args, written] of CASES) {
  test(`console.log(${args.map((arg) => JSON.stringify(arg)).join(', ')})`, () => {
    assert.deepEqual(inSpan(args), written)
    assert.equal(withTraceIds(args), args)
  })
}
