import type { JSX } from 'preact'
import type { NumberPoint } from '../messages.ts'
import { bytes, count, seconds } from '../model/format.ts'
import type { Metrics } from '../model/metrics.ts'
import type { ViewProps } from './app.tsx'
import { Chart, type ChartLine } from './chart.tsx'

interface ChartRow {
  readonly title: string
  readonly format: (value: number) => string
  readonly isBinary?: boolean
  /** Lines without a metric are omitted, and so is a chart without lines. */
  readonly lines: (metrics: Metrics) => readonly (ChartLine & { readonly metric: string })[]
}

const gauge = (label: string, metric: string, where?: (point: NumberPoint) => boolean) => (metrics: Metrics) => ({
  label,
  metric,
  values: metrics.gauge(metric, where),
})
const rate = (label: string, metric: string) => (metrics: Metrics) => ({ label, metric, values: metrics.rate(metric) })
const pick =
  (...lines: readonly ((metrics: Metrics) => ChartLine & { readonly metric: string })[]): ChartRow['lines'] =>
  (metrics) =>
    lines.map((line) => line(metrics))

function share(value: number): string {
  return `${count(100 * value)} %`
}

const CHARTS: readonly ChartRow[] = [
  {
    title: 'Event loop delay',
    format: seconds,
    lines: pick(gauge('p50', 'nodejs.eventloop.delay.p50'), gauge('p99', 'nodejs.eventloop.delay.p99')),
  },
  { title: 'Event loop utilization', format: share, lines: pick(gauge('busy', 'nodejs.eventloop.utilization')) },
  {
    title: 'CPU',
    format: share,
    lines: pick(rate('used', 'process_cpu_seconds_total')),
  },
  {
    title: 'Memory',
    format: bytes,
    isBinary: true,
    lines: pick(gauge('resident', 'process_resident_memory_bytes'), gauge('heap', 'nodejs_heap_size_used_bytes')),
  },
  {
    title: 'Garbage collection',
    format: (value) => `${count(1000 * value)} ms/s`,
    lines: pick(rate('pauses', 'v8js.gc.duration')),
  },
  { title: 'Active requests', format: count, lines: pick(gauge('requests', 'http.server.active_requests')) },
  { title: 'Handles and requests', format: count, lines: pick(gauge('active', 'nodejs_active_resources')) },
  {
    title: 'Connection pools',
    format: count,
    lines: pick(
      gauge(
        'used',
        'db.client.connection.count',
        ({ attributes }) => attributes['db.client.connection.state'] === 'used',
      ),
      gauge(
        'idle',
        'db.client.connection.count',
        ({ attributes }) => attributes['db.client.connection.state'] === 'idle',
      ),
      gauge('waiting', 'db.client.connection.pending_requests'),
    ),
  },
]

/** Shows the state of the process: event loop, memory, CPU, garbage collection, handles, pools. */
export function RuntimeView({ store }: ViewProps): JSX.Element {
  const { metrics } = store
  const charts = CHARTS.map(({ lines, ...chart }) => ({
    ...chart,
    lines: lines(metrics).filter(({ metric }) => metrics.has(metric)),
  })).filter(({ lines }) => lines.length > 0)
  return (
    <section aria-labelledby="runtime">
      <h2 id="runtime">Runtime</h2>
      {charts.length === 0 ? (
        <p class="empty">No metric yet.</p>
      ) : (
        <div class="charts">
          {charts.map(({ title, lines, format, isBinary = false }) => (
            <Chart key={title} title={title} times={metrics.times} lines={lines} format={format} isBinary={isBinary} />
          ))}
        </div>
      )}
    </section>
  )
}
