import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Meter } from '@opentelemetry/api'
import type { CollectionResult } from '@opentelemetry/sdk-metrics'
import { Collections } from '../../../src/aggregation/collection.ts'
import { decodeMember, encode } from '../../../src/fleet/codec.ts'
import { merge } from '../../../src/aggregation/merge.ts'
import { runAtOnce } from '../../../src/sdk/sliced-task.ts'
import { snapshotOf } from '../../../src/aggregation/snapshot.ts'
import { ACCEPT, bytesOf, collected, textOf, withExemplars } from '../../support/collected-metrics.ts'

function record(meter: Meter): void {
  meter.createCounter('orders', { description: 'Orders.', unit: '{order}' }).add(3, { shop: 'a "b"', n: 7 })
  meter.createUpDownCounter('open').add(-2)
  meter.createGauge('level').record(0.5, { z: 1, a: ['x', 'y'] })
  const duration = meter.createHistogram('duration', { unit: 's', advice: { explicitBucketBoundaries: [0.1, 1] } })
  for (const value of [0.05, 0.5, 5]) duration.record(value, { route: '/a' })
  const exponential = meter.createHistogram('exponential.size', { unit: 'By' })
  for (const value of [0, 1, 1000]) exponential.record(value)
}

/** Labels may stand in another order. */
function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').toSorted().join()}}`))
}

test('a collection that was converted to a snapshot is rendered like the original', async () => {
  const result = await collected((_, meterOf) => record(meterOf('shop', '1.2', 'https://schema')))
  const snapshot = decodeMember(encode({ slot: 0, snapshot: merge(snapshotOf(result)) })).snapshot
  const through = runAtOnce(new Collections().toResult(snapshot, result.resourceMetrics.resource, []))
  for (const accept of [ACCEPT.text, ACCEPT.openMetrics]) {
    assert.deepEqual(lines(textOf(through, accept)), lines(textOf(result, accept)))
  }
  assert.equal(bytesOf(through).length, bytesOf(result).length)
})

test('two processes are printed as one', async () => {
  const [a, b] = await Promise.all([collected(record), collected(record)])
  const merged = merge(snapshotOf(a), snapshotOf(b))
  const text = textOf(runAtOnce(new Collections().toResult(merged, a.resourceMetrics.resource, [])))
  assert.match(text, /^orders_total\{n="7",shop="a \\"b\\""\} 6$/m)
  assert.match(text, /^open -4$/m)
  assert.match(text, /^duration_seconds_bucket\{route="\/a",le="1"\} 4$/m)
  assert.match(text, /^duration_seconds_count\{route="\/a"\} 6$/m)
  assert.match(text, /^exponential_size_bytes_count 6$/m)
})

async function recordedAt(timestampMs: number, traceId: string): Promise<CollectionResult> {
  const exemplars = [{ value: 0.5, timestampMs, traceId, spanId: 'ab' }]
  return withExemplars(await collected(record), (name) => (name === 'duration' ? exemplars : undefined))
}

test('exemplars survive, the latest of each bucket', async () => {
  const [a, b] = await Promise.all([recordedAt(2000, 'later'), recordedAt(1000, 'earlier')])
  const merged = merge(snapshotOf(a), snapshotOf(b))
  const collections = new Collections()
  const { snapshot } = decodeMember(encode({ slot: 0, snapshot: merged }))
  const result = runAtOnce(collections.toResult(snapshot, a.resourceMetrics.resource, []))
  const text = textOf(result, ACCEPT.openMetrics)
  assert.match(text, /duration_seconds_bucket\{route="\/a",le="1.0"\} 4 # \{trace_id="later",span_id="ab"\} 0.5 2/)
  assert.doesNotMatch(text, /earlier/)
})

test('the exposition finds the same objects from scrape to scrape', async () => {
  const result = await collected(record)
  const collections = new Collections()
  const parts = async (): Promise<unknown[]> => {
    const { resource } = result.resourceMetrics
    const { resourceMetrics } = runAtOnce(collections.toResult(snapshotOf(result), resource, []))
    return resourceMetrics.scopeMetrics.flatMap(({ scope, metrics }) => [
      scope,
      ...metrics.flatMap(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes)),
    ])
  }
  const [first, second] = [await parts(), await parts()]
  assert.ok(first.length > 5 && first.every((part, i) => part === second[i]))
})
