import fc from 'fast-check'
import { END_MS, VALUE } from '../../src/aggregation/rows.ts'
import type { Snapshot, SnapshotMetric } from '../../src/aggregation/snapshot.ts'
import type { Kind } from '../../src/aggregation/snapshot.ts'

/** Snapshots as processes of one service might have them: few metrics and attribute sets, so that much of it meets. */
const BOUNDARIES = [
  [0.1, 1, 10],
  [0.1, 0.5, 1, 10],
  [1, 100],
]

const count = fc.integer({ min: 0, max: 1_000_000 })
const amount = fc.double({ min: 1e-9, max: 1e9, noNaN: true })
const start = fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 })
const end = fc.integer({ min: 1_700_000_100_000, max: 1_700_000_100_003 })
const extreme = fc.oneof(fc.constant(NaN), fc.double({ noNaN: true, noDefaultInfinity: true }))

function histogramRow(buckets: number): fc.Arbitrary<number[]> {
  const counts = fc.array(count, { minLength: buckets, maxLength: buckets })
  return fc
    .tuple(start, end, amount, extreme, extreme, counts)
    .map(([s, e, sum, min, max, all]) => [s, e, sum, 0, min, max, ...all])
}

/** Without empty buckets at the ends, as `merge` leaves them. */
function side(): fc.Arbitrary<[number, number[]]> {
  const counts = fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 12 })
  return fc.tuple(fc.integer({ min: -400, max: 400 }), counts).map(([offset, all]) => [all.length ? offset : 0, all])
}

const exponentialRow = fc
  .tuple(start, end, amount, extreme, extreme, count, fc.integer({ min: -3, max: 8 }), side(), side())
  .map(([s, e, sum, min, max, zero, scale, [po, pc], [no, nc]]) =>
    [s, e, sum, 0, min, max, zero, scale, po, pc.length, no].concat(pc, nc),
  )

const rowOf: Record<Kind, (boundaries: readonly number[]) => fc.Arbitrary<number[]>> = {
  counter: () => fc.tuple(start, end, amount).map(([s, e, value]) => [s, e, value, 0]),
  'up-down': () => fc.tuple(start, end, fc.integer()).map(([s, e, value]) => [s, e, value, 0]),
  gauge: () => fc.tuple(start, end, fc.oneof(extreme, fc.constant(Infinity))).map(([s, e, value]) => [s, e, value, 0]),
  histogram: (boundaries) => histogramRow(boundaries.length + 1),
  exponential: () => exponentialRow,
}

const NAMES: Record<Kind, readonly string[]> = {
  counter: ['requests', 'bytes'],
  'up-down': ['connections'],
  gauge: ['temperature', 'process_open_fds', 'process_max_fds'],
  histogram: ['duration'],
  exponential: ['latency'],
}
const KEYS = ['[]', '[["route","/a"]]', '[["route","/b"]]', '[["code",200],["route","/a"]]']

function metric(kind: Kind): fc.Arbitrary<SnapshotMetric> {
  const boundaries = kind === 'histogram' ? fc.constantFrom(...BOUNDARIES) : fc.constant([])
  return fc
    .tuple(fc.constantFrom(...NAMES[kind]), boundaries, fc.subarray(KEYS, { minLength: 1 }))
    .chain(([name, bounds, keys]): fc.Arbitrary<SnapshotMetric> =>
      fc
        .tuple(fc.constantFrom('', 'One.', 'Two.'), fc.tuple(...keys.map(() => rowOf[kind](bounds))))
        .map(([description, rows]) => ({
          scope: { name: 'shop' },
          descriptor: { name, description, unit: '', valueType: 1 },
          kind,
          isObserved: false,
          boundaries: bounds,
          keys,
          rows,
          exemplars: rows.map((row) =>
            kind === 'histogram'
              ? [{ value: row[VALUE] ?? 0, timestampMs: row[END_MS] ?? 0, traceId: 'a' }]
              : undefined,
          ),
        })),
    )
}

export const anySnapshot: fc.Arbitrary<Snapshot> = fc.array(
  fc.constantFrom<Kind>('counter', 'up-down', 'gauge', 'histogram', 'exponential').chain(metric),
  { maxLength: 5 },
)

/** What is the same in two snapshots that say the same, in whatever order. */
export function content(snapshot: Snapshot): unknown {
  return snapshot
    .map(({ scope, descriptor, kind, boundaries, keys, rows, exemplars }) => ({
      metric: [scope.name, descriptor.name, descriptor.description, kind, ...boundaries].join(' '),
      points: keys
        .map((key, i) => ({ key, row: withoutRest(rows[i] ?? []), exemplars: sorted(exemplars?.[i]) }))
        .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    }))
    .toSorted((a, b) => (a.metric < b.metric ? -1 : 1))
}

/** What rounding took off is no part of what is served. */
function withoutRest(row: readonly number[]): number[] {
  return row.filter((_, i) => i !== 3)
}

function sorted(exemplars: readonly { readonly value: number }[] | undefined): unknown {
  return (exemplars ?? []).toSorted((a, b) => a.value - b.value)
}
