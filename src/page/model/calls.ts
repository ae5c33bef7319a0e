import { type Span, text } from './spans-and-logs.ts'
import { durationOf, type Trace } from './traces.ts'

/** One kind of call to a database or another service, aggregated over the traces that the page has. */
export interface CallRow {
  /** `postgresql`, `redis`, or the host of an outgoing request. */
  readonly target: string
  /** A statement without values, or a method and host. */
  readonly what: string
  readonly count: number
  readonly failures: number
  readonly totalMs: number
  readonly p95Ms: number
  readonly slowestMs: number
  readonly slowestTraceId: string
  /** The most calls of this kind below one span. Five or more are most likely a query in a loop. */
  readonly repeats: number
  readonly exampleTraceId: string
}

interface GatheredCalls {
  readonly target: string
  readonly what: string
  readonly durationsMs: number[]
  failures: number
  repeats: number
  exampleTraceId: string
  slowestMs: number
  slowestTraceId: string
}

export function databaseCalls(traces: readonly Trace[]): CallRow[] {
  return gather(traces, (span) => {
    const system = text(span.attributes, 'db.system.name', 'db.system')
    if (system === '') return undefined
    return { target: system, what: text(span.attributes, 'db.query.text', 'db.query.summary') || span.name }
  })
}

export function outgoingCalls(traces: readonly Trace[]): CallRow[] {
  return gather(traces, ({ kind, attributes, name }) => {
    const method = text(attributes, 'http.request.method', 'rpc.method', 'messaging.operation.name')
    if ((kind !== 'client' && kind !== 'producer') || method === '' || text(attributes, 'db.system.name') !== '')
      return undefined
    const port = text(attributes, 'server.port')
    const host = text(attributes, 'server.address') + (port === '' ? '' : `:${port}`)
    return { target: host || name, what: `${method} ${host}` }
  })
}

function gather(
  traces: readonly Trace[],
  keyOf: (span: Span) => { target: string; what: string } | undefined,
): CallRow[] {
  const rows = new Map<string, GatheredCalls>()
  for (const trace of traces) {
    const below = new Map<string, number>()
    for (const span of trace.spans.values()) {
      const key = keyOf(span)
      if (key === undefined) continue
      const id = `${key.target} ${key.what}`
      const row = rows.get(id) ?? {
        ...key,
        durationsMs: [],
        failures: 0,
        repeats: 0,
        exampleTraceId: trace.id,
        slowestMs: -1,
        slowestTraceId: '',
      }
      rows.set(id, row)
      row.durationsMs.push(durationOf(span))
      if (span.failed) row.failures += 1
      if (durationOf(span) > row.slowestMs)
        Object.assign(row, { slowestMs: durationOf(span), slowestTraceId: trace.id })
      const place = `${span.parentId ?? ''} ${id}`
      const repeats = (below.get(place) ?? 0) + 1
      below.set(place, repeats)
      if (repeats > row.repeats) Object.assign(row, { repeats, exampleTraceId: trace.id })
    }
  }
  return [...rows.values()].map(toRow).toSorted((a, b) => b.totalMs - a.totalMs)
}

function toRow({ durationsMs, ...row }: GatheredCalls): CallRow {
  const sorted = durationsMs.toSorted((a, b) => a - b)
  return {
    ...row,
    count: sorted.length,
    totalMs: sorted.reduce((sum, each) => sum + each, 0),
    p95Ms: sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.95) - 1)] ?? 0,
  }
}
