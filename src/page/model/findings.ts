import { databaseCalls } from './calls.ts'
import { duration } from './format.ts'
import { text } from './spans-and-logs.ts'
import type { Trace } from './traces.ts'

/** Something in the traces that most likely needs attention. */
export interface Finding {
  readonly kind: 'error' | 'N+1' | 'slow'
  readonly what: string
  /** How severe it is, as text. */
  readonly detail: string
  readonly traceId: string
}

/** A statement that takes this long is a finding. */
const SLOW_MS = 200
const MAX_OF_A_KIND = 3

/**
 * Returns failing routes, statements that run in a loop, and slow statements: a few of each, the newest or worst first.
 */
export function findingsIn(traces: readonly Trace[]): Finding[] {
  return [...errors(traces), ...loops(traces), ...slowStatements(traces)]
}

function errors(traces: readonly Trace[]): Finding[] {
  const byRoute = Map.groupBy(
    traces.filter(({ failed, isRootMissing }) => failed && !isRootMissing),
    ({ root }) => root.name,
  )
  return [...byRoute].slice(0, MAX_OF_A_KIND).map(([what, [latest, ...others]]) => ({
    kind: 'error',
    what,
    detail: `${latest === undefined ? '' : reasonOf(latest)}${others.length === 0 ? '' : `, ${others.length + 1} times`}`,
    traceId: latest?.id ?? '',
  }))
}

/** Returns the message of the first exception, or the status. */
function reasonOf({ spans, root }: Trace): string {
  for (const { events } of spans.values()) {
    for (const { attributes } of events) {
      const message = text(attributes, 'exception.message', 'exception.type')
      if (message !== '') return message
    }
  }
  return root.statusMessage || text(root.attributes, 'http.response.status_code', 'error.type') || 'failed'
}

function loops(traces: readonly Trace[]): Finding[] {
  const byRoute = new Map<string, Finding>()
  for (const { id, root, repeats } of traces) {
    const [worst] = repeats
    if (worst === undefined || byRoute.has(root.name)) continue
    byRoute.set(root.name, {
      kind: 'N+1',
      what: root.name,
      detail: `${worst.count} times ${worst.statement}`,
      traceId: id,
    })
  }
  return [...byRoute.values()].slice(0, MAX_OF_A_KIND)
}

function slowStatements(traces: readonly Trace[]): Finding[] {
  return databaseCalls(traces)
    .filter(({ slowestMs }) => slowestMs >= SLOW_MS)
    .toSorted((a, b) => b.slowestMs - a.slowestMs)
    .slice(0, MAX_OF_A_KIND)
    .map(({ what, slowestMs, slowestTraceId }) => ({
      kind: 'slow',
      what: duration(slowestMs),
      detail: what,
      traceId: slowestTraceId,
    }))
}
