import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingsIn } from '../../../../src/page/model/findings.ts'
import type { Span } from '../../../../src/page/model/spans-and-logs.ts'
import { Traces } from '../../../../src/page/model/traces.ts'
import { span } from './spans.ts'

function query(id: string, statement: string, rest: Partial<Span> = {}): Span {
  const attributes = { 'db.system.name': 'postgresql', 'db.query.text': statement }
  return span(id, 'root', { kind: 'client', attributes, ...rest })
}

function findings(...spans: Span[]): string[] {
  const traces = new Traces()
  traces.add([span('root', undefined, { kind: 'server', name: 'GET /a', endMs: 500 }), ...spans])
  return findingsIn(traces.list).map(({ kind, what, detail }) => `${kind}: ${what}: ${detail}`)
}

test('a fast and successful request is not a finding', () => {
  assert.deepEqual(findings(query('b', 'SELECT 1')), [])
})

test('a statement in a loop and a slow one are findings', () => {
  const loop = Array.from({ length: 6 }, (_, i) => query(`b${i}`, 'SELECT * FROM items WHERE id = ?'))
  assert.deepEqual(findings(...loop, query('c', 'SELECT sum(a) FROM b', { endMs: 314 })), [
    'N+1: GET /a: 6 times SELECT * FROM items WHERE id = ?',
    'slow: 314 ms: SELECT sum(a) FROM b',
  ])
})

test('failed requests of one route are one finding, with the message of the latest', () => {
  const traces = new Traces()
  for (const id of ['1', '2']) {
    const events = [{ name: 'exception', atMs: 0, attributes: { 'exception.message': `no printer ${id}` } }]
    const startMs = Number(id)
    traces.add([
      span('root', undefined, { traceId: id, kind: 'server', name: 'GET /b', failed: true, events, startMs }),
    ])
  }
  assert.deepEqual(
    findingsIn(traces.list).map(({ kind, what, detail, traceId }) => [kind, what, detail, traceId]),
    [['error', 'GET /b', 'no printer 2, 2 times', '2']],
  )
})
