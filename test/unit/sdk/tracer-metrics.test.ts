import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SamplingDecision, TraceFlags } from '@opentelemetry/api'
import type { Attributes, Meter } from '@opentelemetry/api'
import { TracerMetrics } from '../../../src/sdk/tracer-metrics.ts'

const PARENT = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
}

test('a started span is counted by its parent and decision, and is live until it ends unless it is dropped', () => {
  const added: [name: string, value: number, ...attributes: unknown[]][] = []
  const counter = (name: string): { add(value: number, attributes: Attributes): void } => ({
    add: (value, attributes) => added.push([name, value, ...Object.values(attributes)]),
  })
  const metrics = new TracerMetrics({ createCounter: counter, createUpDownCounter: counter } as unknown as Meter)
  metrics.startSpan(undefined, SamplingDecision.RECORD_AND_SAMPLED)?.()
  metrics.startSpan(PARENT, SamplingDecision.RECORD)?.()
  assert.equal(metrics.startSpan({ ...PARENT, isRemote: true }, SamplingDecision.NOT_RECORD), undefined)
  assert.deepEqual(added, [
    ['otel.sdk.span.started', 1, 'none', 'RECORD_AND_SAMPLE'],
    ['otel.sdk.span.live', 1, 'RECORD_AND_SAMPLE'],
    ['otel.sdk.span.live', -1, 'RECORD_AND_SAMPLE'],
    ['otel.sdk.span.started', 1, 'local', 'RECORD_ONLY'],
    ['otel.sdk.span.live', 1, 'RECORD_ONLY'],
    ['otel.sdk.span.live', -1, 'RECORD_ONLY'],
    ['otel.sdk.span.started', 1, 'remote', 'DROP'],
  ])
})
