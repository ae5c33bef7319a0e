/**
 * `node bench/exposition.ts [rounds]`, after `npm run build`: the cost of a scrape of 10,000 series for this package,
 * upstream's PrometheusSerializer and prom-client, with the same series, in interleaved runs. Then scrapes of real
 * processes under this package's preload and upstream's. Writes bench/exposition.md.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { Counter, Histogram, Registry } from 'prom-client'
import { createExposition } from '../src/sideport/exposition/exposition.ts'
import { negotiateFormat } from '../src/sideport/exposition/negotiate.ts'
import { replaceStorages } from '../src/sdk/metric-storage.ts'
import { createPrometheusReader } from '../src/sideport/reader.ts'
import { yieldIfDue } from '../src/sdk/sliced-task.ts'
import { freePort } from '../test/support/free-port.ts'
import { startCollector } from './collector.ts'
import { type Asked, scrapesOf } from './scrapes.ts'
import type { Ports } from './spawned.ts'
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

/** Between two scrapes, a real application has recorded something. */
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
  let bytes = 0
  const writer = isCold ? createExposition() : exposition
  for (const piece of writer.pieces(result, negotiateFormat(accept))) {
    bytes += Buffer.from(piece).length
    await yieldIfDue()
  }
  return { bytes }
}

const TEXT = 'text/plain;version=0.0.4'
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0'
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'
const candidates: (() => Promise<void>)[] = [
  () => measured('paxx text', () => ours(TEXT)),
  () => measured('paxx OpenMetrics', () => ours(OPENMETRICS)),
  () => measured('paxx protobuf', () => ours(PROTOBUF)),
  () => measured('paxx text, all labels new', () => ours(TEXT, true)),
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
  // Rounds below 0 are for warm-up.
  if (round === 0) costs.clear()
  // Each round begins with another candidate, so that none always runs after the same one.
  for (let i = 0; i < candidates.length; i++) {
    traffic()
    await candidates[(i + Math.max(0, round)) % candidates.length]?.()
  }
}

const ASKED: readonly Asked[] = [
  { name: 'text', accept: TEXT, encoding: 'identity' },
  { name: 'text, gzip', accept: TEXT, encoding: 'gzip' },
  { name: 'OpenMetrics, gzip', accept: OPENMETRICS, encoding: 'gzip' },
  { name: 'protobuf, gzip', accept: PROTOBUF, encoding: 'gzip' },
]

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n')
}

const ms = (value: number): string => value.toFixed(1)

const base = median(costs.get('prom-client')?.ms ?? [])
const costRows = [...costs].map(([name, cost]) => [
  name,
  ms(median(cost.ms)),
  (median(cost.ms) / base).toFixed(2),
  (cost.bytes / 1e6).toFixed(2),
])

const collector = await startCollector()
const scrapeRows: string[][] = []
for (const subject of SUBJECTS) {
  if (subject.name === 'bare') continue
  // Upstream supports one format only.
  for (const asked of subject.name === 'upstream' ? ASKED.slice(0, 1) : ASKED) {
    const ports = async (): Promise<Ports> => ({ sink: collector.port, side: await freePort() })
    const figures = await scrapesOf(subject, asked, ports)
    scrapeRows.push([
      `${subject.name}, ${asked.name}`,
      `${ms(figures.firstTurnMs)} (${ms(figures.firstTurnAtMostMs)})`,
      `${ms(figures.turnMs)} (${ms(figures.turnAtMostMs)})`,
      ms(figures.elapsedMs),
      ms(figures.nextElapsedMs),
    ])
  }
}
collector.end()

const series = COUNTERS * COUNTER_SETS + HISTOGRAM_SETS * (BOUNDARIES.length + 3)
const document = `# Exposition

Written by \`node bench/exposition.ts\` on Node ${process.versions.node}, with ${series} series: ${COUNTERS} counters of ${COUNTER_SETS} attribute sets, and a histogram of ${HISTOGRAM_SETS}.

## CPU time of one scrape

Collecting and rendering in one process, interleaved; medians of ${rounds} rounds. Upstream's serializer and prom-client support only text.

${table(['', 'ms', 'of prom-client', 'MB'], costRows)}

## In a real process

Over HTTP, under each preload; \`obs\` is this package. The longest turn of the app's event loop is the median over the scrapes, with the worst one in brackets; it includes garbage collection. The first scrape is that of a process that
has just started, with cold code.

${table(['', 'longest turn in the first scrape, ms', 'in later ones, ms', 'a scrape, ms', 'another one within a second, ms'], scrapeRows)}
`
writeFileSync(join(import.meta.dirname, 'exposition.md'), document)
console.log(document)
