import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyResource } from '@opentelemetry/resources'
import { AggregationTemporality, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics'
import fc from 'fast-check'
import { merge } from '../../../src/aggregation/merge.ts'
import type { Snapshot } from '../../../src/aggregation/snapshot.ts'
import type { ThreadAggregator } from '../../../src/threads/thread-aggregator.ts'
import { pushedWith } from '../../../src/threads/pushed.ts'
import { anySnapshot } from '../../support/metric-snapshots.ts'

const NOTHING: ResourceMetrics = { resource: emptyResource(), scopeMetrics: [] }

/** What a thread says one time after the other: totals, with histograms over the same boundaries. */
const totals = fc.array(anySnapshot, { minLength: 1, maxLength: 5 }).map((all) => {
  const alike = all.map((snapshot) =>
    snapshot.filter(({ kind, boundaries }) => kind !== 'histogram' || boundaries.length === 3),
  )
  return alike.map((_, i) => merge(...alike.slice(0, i + 1)))
})

async function pushes(all: readonly Snapshot[], temporality: 'cumulative' | 'delta'): Promise<ResourceMetrics[]> {
  let now: Snapshot = []
  const threadAggregator = {
    collect: () => Promise.resolve(now),
    latest: () => now,
  } as Partial<ThreadAggregator> as ThreadAggregator
  const joining = pushedWith(() => threadAggregator, temporality)
  const found: ResourceMetrics[] = []
  for (const [i, snapshot] of all.entries()) {
    now = snapshot
    found.push(i === all.length - 1 ? joining.joinNow(NOTHING) : await joining.join(NOTHING))
  }
  return found
}

/** By series: a counter's value, and of a histogram how many were recorded. */
function counts(pushed: readonly ResourceMetrics[]): Record<string, number> {
  const found: Record<string, number> = {}
  for (const metric of pushed.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))) {
    if (metric.aggregationTemporality !== AggregationTemporality.DELTA) continue
    for (const { attributes, value } of metric.dataPoints as MetricData['dataPoints'][number][]) {
      const key = JSON.stringify([metric.descriptor.name, attributes])
      found[key] = (found[key] ?? 0) + (typeof value === 'number' ? value : value.count)
    }
  }
  return found
}

function isGauge({ dataPointType }: MetricData): boolean {
  return dataPointType === 2
}

test('pushed deltas add up to the totals', async () => {
  await fc.assert(
    fc.asyncProperty(totals, async (all) => {
      const last = all.at(-1) ?? []
      const differences = counts(await pushes(all, 'delta'))
      const [whole] = await pushes([last], 'delta')
      const wanted = counts(whole === undefined ? [] : [whole])
      const names = Object.keys(wanted).filter((key) => !/temperature|process_/.test(key))
      for (const key of names) {
        const off = Math.abs((differences[key] ?? 0) - (wanted[key] ?? 0))
        assert.ok(off <= 1e-6 * Math.abs(wanted[key] ?? 0), `${key}: ${differences[key]} of ${wanted[key]}`)
      }
    }),
  )
})

test('totals are pushed as they are', async () => {
  await fc.assert(
    fc.asyncProperty(totals, async (all) => {
      const last = (await pushes(all, 'cumulative')).at(-1)
      const alone = (await pushes(all.slice(-1), 'cumulative')).at(-1)
      assert.deepEqual(last, alone)
      const metrics = last?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
      assert.ok(
        metrics.every(
          (metric) => isGauge(metric) || metric.aggregationTemporality === AggregationTemporality.CUMULATIVE,
        ),
      )
    }),
    { numRuns: 30 },
  )
})
