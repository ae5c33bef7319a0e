/**
 * What a scrape of 10,000 series costs: this package, upstream's PrometheusSerializer and prom-client, on the same
 * series, interleaved in one run; then scrapes of real processes under this package's preload and upstream's.
 * `node bench/exposition.ts [rounds]`, after `npm run build`
 */
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { Counter, Histogram, Registry } from 'prom-client'
import { createExposition } from '../src/sideport/exposition/exposition.ts'
import { negotiateFormat } from '../src/sideport/exposition/negotiate.ts'
import { replaceStorages } from '../src/providers/metric-storage.ts'
import { createPrometheusReader } from '../src/sideport/reader.ts'
import { Turns } from '../src/sideport/turns.ts'
import { freePort } from '../test/support/free-port.ts'
import { startCollector } from './collector.ts'
import { scrapesOf } from './scrapes.ts'
import { median } from './statistics.ts'
import { SUBJECTS } from './subjects.ts'

const COUNTERS = 5
const COUNTER_SETS = 1000
const HISTOGRAM_SETS = 300
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

const rounds = Number(process.argv[2] ?? 20)

function attributesOf(i: number): Record<string, string> {
  return { 'http.request.method': 'GET', 'http.route': `/shop/items/${i}/:id`, 'http.response.status_code': '200' }
}

function labelsOf(i: number): Record<string, string> {
  return { http_request_method: 'GET', http_route: `/shop/items/${i}/:id`, http_response_status_code: '200' }
}

const { reader, collect } = createPrometheusReader()
const provider = new MeterProvider({ readers: [reader] })
replaceStorages(provider, undefined)
const meter = provider.getMeter('bench', '1.0.0')
const registry = new Registry()
const otelCounters = Array.from({ length: COUNTERS }, (_, c) => meter.createCounter(`shop.events.${c}`))
const otelHistogram = meter.createHistogram('http.server.request.duration', {
  unit: 's',
  advice: { explicitBucketBoundaries: BOUNDARIES },
})
const labelNames = Object.keys(labelsOf(0))
const promCounters = Array.from(
  { length: COUNTERS },
  (_, c) => new Counter({ name: `shop_events_${c}_total`, help: 'Events', labelNames, registers: [registry] }),
)
const promHistogram = new Histogram({
  name: 'http_server_request_duration_seconds',
  help: 'Duration',
  labelNames,
  buckets: BOUNDARIES,
  registers: [registry],
})

/** Between two scrapes a real application has recorded something. */
function traffic(): void {
  for (let i = 0; i < COUNTER_SETS; i++) {
    for (const counter of otelCounters) counter.add(1, attributesOf(i))
    for (const counter of promCounters) counter.inc(labelsOf(i), 1)
  }
  for (let i = 0; i < HISTOGRAM_SETS; i++) {
    otelHistogram.record(0.3, attributesOf(i))
    promHistogram.observe(labelsOf(i), 0.3)
  }
}

interface Cost {
  readonly ms: number[]
  bytes: number
}
const costs = new Map<string, Cost>()

async function measured(name: string, run: () => Promise<{ bytes: number }>): Promise<void> {
  const before = process.cpuUsage()
  const { bytes } = await run()
  const { user, system } = process.cpuUsage(before)
  const ms = (user + system) / 1000
  const cost = costs.get(name) ?? { ms: [], bytes: 0 }
  costs.set(name, cost)
  cost.ms.push(ms)
  cost.bytes = bytes
}

const exposition = createExposition()
const upstream = new PrometheusSerializer()

async function ours(accept: string, isCold = false): Promise<{ bytes: number }> {
  const result = await collect()
  const turns = new Turns()
  let bytes = 0
  const writer = isCold ? createExposition() : exposition
  for (const piece of writer.pieces(result, negotiateFormat(accept))) {
    bytes += Buffer.from(piece).length
    await turns.pause()
  }
  return { bytes }
}

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'
const candidates: (() => Promise<void>)[] = [
  () => measured('paxx text', () => ours('text/plain')),
  () => measured('paxx OpenMetrics', () => ours('application/openmetrics-text;version=1.0.0')),
  () => measured('paxx protobuf', () => ours(PROTOBUF)),
  () => measured('paxx text, first scrape', () => ours('text/plain', true)),
  () =>
    measured('upstream text', async () => {
      const { resourceMetrics } = await collect()
      return { bytes: Buffer.from(upstream.serialize(resourceMetrics)).length }
    }),
  () =>
    measured('collect() alone', async () => {
      await collect()
      return { bytes: 0 }
    }),
  () => measured('prom-client', async () => ({ bytes: Buffer.from(await registry.metrics()).length })),
]

for (let round = -3; round < rounds; round++) {
  // Rounds below 0 warm up.
  if (round === 0) costs.clear()
  // Each round begins with another one, so that none always runs after the same garbage.
  for (let i = 0; i < candidates.length; i++) {
    traffic()
    await candidates[(i + Math.max(0, round)) % candidates.length]?.()
  }
}

const base = median(costs.get('prom-client')?.ms ?? [])
const series = COUNTERS * COUNTER_SETS + HISTOGRAM_SETS * (BOUNDARIES.length + 3)
console.log(`${series} series, ${rounds} rounds; medians of processor time\n`)
console.log('| | ms | of prom-client | MB |\n| --- | ---: | ---: | ---: |')
for (const [name, { ms, bytes }] of costs) {
  console.log(
    `| ${name} | ${median(ms).toFixed(1)} | ${(median(ms) / base).toFixed(2)} | ${(bytes / 1e6).toFixed(2)} |`,
  )
}

console.log(
  '\n| a process with as many | scrape, ms | longest turn of the event loop, ms | in its first scrape | next scrape within the second, ms |',
)
console.log('| --- | ---: | ---: | ---: | ---: |')
const collector = await startCollector()
for (const subject of SUBJECTS) {
  if (subject.name === 'bare') continue
  const ports = { sink: collector.port, side: await freePort() }
  const figures = await scrapesOf(subject, ports, 5)
  const { elapsedMs, longestTurnMs, firstLongestTurnMs, nextElapsedMs } = figures
  const cells = [elapsedMs, longestTurnMs, firstLongestTurnMs, nextElapsedMs].map((ms) => ms.toFixed(1))
  console.log(`| ${subject.name} | ${cells.join(' | ')} |`)
}
collector.end()
