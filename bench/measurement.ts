/**
 * `node bench/measurement.ts [rounds]`: the cost of one recorded measurement, with and without exemplars, in
 * nanoseconds of CPU time, the best of interleaved rounds.
 */
import { context, type Histogram, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { StorageContextManager } from '../src/sdk/context-manager.ts'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { exemplarFilter } from '../src/sdk/exemplar-filter.ts'
import { replaceStorages } from '../src/sdk/metric-storage.ts'
import type { ExemplarFilterName } from '../src/settings/settings.ts'
import { createPrometheusReader } from '../src/sideport/reader.ts'

const RECORDS = 50_000
const rounds = Number(process.argv[2] ?? 30)

function histogramOf(filter: ExemplarFilterName | undefined): Histogram {
  const provider = new MeterProvider({ readers: [createPrometheusReader().reader] })
  if (filter !== undefined) replaceStorages(provider, exemplarFilter(filter))
  return provider.getMeter('bench').createHistogram('http.server.request.duration', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
  })
}

context.setGlobalContextManager(new StorageContextManager().enable())
const sampled = trace.setSpan(ROOT_CONTEXT, new TracerProvider().getTracer('bench').startSpan('request'))
const cases = [
  { name: 'SDK, in a sampled span', histogram: histogramOf(undefined), within: sampled },
  { name: 'always_off, in a sampled span', histogram: histogramOf('always_off'), within: sampled },
  { name: 'trace_based, without a span', histogram: histogramOf('trace_based'), within: ROOT_CONTEXT },
  { name: 'trace_based, in a sampled span', histogram: histogramOf('trace_based'), within: sampled },
  { name: 'always_on, in a sampled span', histogram: histogramOf('always_on'), within: sampled },
]

function record(histogram: Histogram): void {
  for (let i = 0; i < RECORDS; i++) {
    // As in an instrumentation: a new object each time, for an attribute set that recurs.
    histogram.record((i % 97) / 97, {
      'http.request.method': 'GET',
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
      'http.route': i % 2 === 0 ? '/users/:id' : '/orders/:id',
      'http.response.status_code': 200,
    })
  }
}

const best = new Map<string, number>()
for (let round = -3; round < rounds; round++) {
  for (let i = 0; i < cases.length; i++) {
    const { name, histogram, within } = cases[(i + Math.max(0, round)) % cases.length] ?? cases[0]!
    const before = process.cpuUsage()
    context.with(within, () => record(histogram))
    const { user, system } = process.cpuUsage(before)
    // Rounds below 0 are for warm-up.
    if (round >= 0) best.set(name, Math.min(best.get(name) ?? Infinity, ((user + system) * 1000) / RECORDS))
  }
}

console.log('| a recorded measurement | ns |\n| --- | ---: |')
for (const { name } of cases) console.log(`| ${name} | ${Math.round(best.get(name) ?? NaN)} |`)
