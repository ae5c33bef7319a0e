import type { ReceivedSpan } from '../../test/support/otlp-decode.ts'
import { spanTree } from '../../test/support/span-tree.ts'

/** One request's trace as lines: what it was, in which service, and how long it took. */
export function traceReport(spans: readonly ReceivedSpan[]): string {
  const drawn = spanTree(spans, (span) => `${span.name}\t${String(span.resource['service.name'])}\t${durationOf(span)}`)
  const rows = drawn.split('\n').map((line) => line.split('\t'))
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map(([name = '', service = '', duration = '']) =>
      [name.padEnd(widths[0] ?? 0), service.padEnd(widths[1] ?? 0), duration.padStart(9)].join('  '),
    )
    .join('\n')
}

const SHOWN = /^(http_requests_total|http_request_duration_seconds_(sum|count)|shop_orders_total)\{/

/** The request metrics of a scrape, without the labels of the scope and in seconds of three decimals, for 80 columns. */
export function metricsReport(exposition: string): string {
  const lines = exposition.split('\n').filter((line) => SHOWN.test(line))
  const short = lines.map((line) => line.replaceAll(/,?otel_scope_\w+="[^"]*"/g, '').replace('{,', '{'))
  return short.map((line) => line.replace(/\d+\.\d+(?:e-?\d+)?$/, (value) => Number(value).toFixed(3))).join('\n')
}

function durationOf({ startNanos, endNanos }: ReceivedSpan): string {
  return `${(Number(endNanos - startNanos) / 1e6).toFixed(2)} ms`
}
