import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InspectedExport, InspectedProcess } from '../../../../src/base/inspection.ts'
import type { HelloMessage, NumberPoint } from '../../../../src/page/messages.ts'
import { serviceExports } from '../../../../src/page/model/exports.ts'
import { mergedInstrumentations } from '../../../../src/page/model/merged-instrumentations.ts'
import { Metrics } from '../../../../src/page/model/metrics.ts'
import { verdictOf } from '../../../../src/page/model/verdict.ts'

const point = (value: number, attributes: Record<string, string> = {}): NumberPoint => ({ value, attributes })

function metricsWith(metrics: Readonly<Record<string, readonly NumberPoint[]>>): Metrics {
  const all = new Metrics()
  all.add({ atMs: 0, metrics: Object.entries(metrics).map(([name, points]) => ({ name, unit: '', points })) })
  return all
}

function process(
  pid: number,
  traces: Partial<InspectedExport>,
  rest: Partial<InspectedProcess> = {},
): InspectedProcess {
  const none = { endpoint: 'http://c:4317', exported: 0, lost: 0, pending: 0 }
  return {
    pid,
    service: 'shop',
    instrumentations: [],
    exports: { traces: { ...none, ...traces } },
    tooLarge: 0,
    ...rest,
  }
}

const GRPC = { 'otel.component.type': 'otlp_grpc_span_exporter' }
const ZIPKIN = { 'otel.component.type': 'zipkin_http_span_exporter' }
const MERGED = metricsWith({
  'otel.sdk.exporter.span.exported': [
    point(2049, GRPC),
    point(953, { ...GRPC, 'error.type': 'rejected' }),
    point(7, ZIPKIN),
  ],
  'obs.export.dropped': [
    point(900, { signal: 'traces', reason: 'queue_full' }),
    point(53, { signal: 'traces', reason: 'rejected' }),
    point(0, { signal: 'traces', reason: 'failed' }),
    point(5, { signal: 'traces', exporter: 'zipkin', reason: 'failed' }),
    point(4, { signal: 'logs', reason: 'failed' }),
  ],
})

const HELLO: HelloMessage = {
  service: 'shop',
  version: undefined,
  nodeVersion: '24.0.0',
  packageVersion: '0',
  startedAtMs: 0,
  settings: [],
  problems: [],
  traces: { exporters: ['otlp'], sampler: 'parentbased_always_on', ratio: 1, perSecond: undefined },
  logsExporters: [],
}

test('exports are those of the merged metrics, not of the process that serves the page', () => {
  const [traces] = serviceExports(MERGED, [process(1, {}), process(2, { exported: 9, pending: 3 })])
  assert.deepEqual(traces, {
    route: 'traces',
    endpoint: 'http://c:4317',
    exported: 2049,
    lost: 953,
    pending: 3,
    losses: { queue_full: 900, rejected: 53 },
  })
})

test('spans that go to Zipkin are counted apart', () => {
  const both = process(1, {}, {})
  const zipkin = { endpoint: 'http://z:9411', exported: 0, lost: 0, pending: 0 }
  const [, second] = serviceExports(MERGED, [{ ...both, exports: { ...both.exports, zipkin } }])
  assert.deepEqual([second?.exported, second?.lost, second?.losses], [7, 5, { failed: 5 }])
})

test('if a view drops the metrics, the exports come from the processes', () => {
  const [traces] = serviceExports(metricsWith({}), [process(1, { exported: 2, lost: 1 }), process(2, { exported: 3 })])
  assert.deepEqual([traces?.exported, traces?.lost, traces?.losses], [5, 1, {}])
})

function instrumentation(name: string): InspectedProcess['instrumentations'][number] {
  return { name, patched: [{ name, version: '1.0.0' }], passedBy: [] }
}

test('instrumentations are those of all processes', () => {
  const processes = [
    process(1, {}, { instrumentations: [instrumentation('http')] }),
    process(2, {}, { instrumentations: [instrumentation('http'), instrumentation('pg')] }),
  ]
  assert.deepEqual(mergedInstrumentations(processes), [
    { name: 'http', patched: ['http 1.0.0'], unsupported: [], processes: 2 },
    { name: 'pg', patched: ['pg 1.0.0'], unsupported: [], processes: 1 },
  ])
})

function verdict(hello: Partial<HelloMessage>, metrics: Metrics, ...processes: InspectedProcess[]): string[] {
  const exports = serviceExports(metrics, processes)
  return verdictOf({ ...HELLO, ...hello }, { processes, skippedBatches: 0 }, exports).map(
    ({ status, text, advice }) => `${status}: ${text}${advice === undefined ? '' : ` → ${advice}`}`,
  )
}

test('the verdict lists losses with reasons, the worst first', () => {
  const [first] = verdict({}, MERGED, process(1, {}))
  assert.match(
    first ?? '',
    /^problem: traces: 2049 exported, 953 not \(http:\/\/c:4317; 900 found the queue full; 53 were/,
  )
  assert.match(first ?? '', /→ .*OTEL_BSP_MAX_QUEUE_SIZE/)
})

test('the verdict says why a collector accepts nothing', () => {
  const [first] = verdict({}, metricsWith({}), process(1, { pending: 4, trouble: 'connect ECONNREFUSED' }))
  assert.equal(first, 'problem: traces: 0 exported, 4 not (http://c:4317) → connect ECONNREFUSED')
})

test('items in flight are not a problem while the collector accepts them', () => {
  const lines = verdict({}, metricsWith({}), process(1, { exported: 2, pending: 4 }))
  assert.ok(lines.includes('ok: traces: 2 exported to http://c:4317'), lines.join('\n'))
})

const MISSING: readonly (readonly [traces: Partial<HelloMessage['traces']>, line: RegExp])[] = [
  [{ exporters: [] }, /OTEL_TRACES_EXPORTER=none/],
  [{ exporters: ['console'] }, /OTEL_TRACES_EXPORTER=console/],
  [{ sampler: 'parentbased_always_off' }, /OTEL_TRACES_SAMPLER=parentbased_always_off: no trace/],
  [{ sampler: 'traceidratio', ratio: 0.25 }, /25 % of the traces/],
  [{ sampler: 'jaeger_remote' }, /sampling server/],
  [{ perSecond: 5 }, /OBS_TRACES_PER_SECOND=5/],
]

for (const [traces, line] of MISSING) {
  test(`the verdict says that traces are off or sampled: ${line}`, () => {
    const lines = verdict({ traces: { ...HELLO.traces, ...traces } }, metricsWith({}), process(1, {}))
    assert.match(lines.join('\n'), line)
  })
}

test('the verdict names settings that cannot be used, and items that the page could not keep', () => {
  const problems = [{ variable: 'OBS_PAGE', message: 'OBS_PAGE="x" is wrong' }]
  const lines = verdict({ problems }, metricsWith({}), process(1, {}, { tooLarge: 2 }), process(2, {}, { tooLarge: 1 }))
  assert.match(lines[0] ?? '', /^problem: OBS_PAGE="x" is wrong/)
  assert.match(lines[1] ?? '', /^warning: 3 items larger than the page's buffer were exported and not kept/)
})
