import type { Span } from './spans-and-logs.ts'
import { text } from './spans-and-logs.ts'

/** The spans of one trace that have arrived so far. */
export interface Trace {
  readonly id: string
  readonly spans: ReadonlyMap<string, Span>
  /** The first span of the trace in this service; if it is missing, the earliest of the spans that have arrived. */
  readonly root: Span
  /** Whether the first span has not arrived: it is still running, or was lost. */
  readonly isRootMissing: boolean
  /** The number of spans that are parents of others and have not arrived, including the root. */
  readonly missing: number
  /** The start of the root, if it has arrived. */
  readonly startMs: number
  readonly endMs: number
  /** The number of spans that begin so long before the root that the clocks must differ. They do not affect `endMs`. */
  readonly skewed: number
  readonly failed: boolean
  /** Statements that ran many times below one span. */
  readonly repeats: readonly Repeat[]
}

export interface Repeat {
  readonly statement: string
  readonly count: number
  readonly parentId: string
}

/** A statement that runs this often below one span is most likely a query in a loop ("N+1"). */
const MIN_REPEATS = 5
const MAX_SPANS = 30_000
const MAX_TRACES = 2_000
/** This many of the slowest and of the failed traces are kept longer than others. */
const KEPT_LONGER = 100

/** Stores the traces of recent requests. The slowest and the failed ones are kept longer than the others. */
export class Traces {
  readonly #spans = new Map<string, Map<string, Span>>()
  readonly #summaries = new Map<string, Trace>()
  #spanCount = 0
  #list: readonly Trace[] | undefined

  add(spans: readonly Span[]): void {
    for (const span of spans) {
      let trace = this.#spans.get(span.traceId)
      if (trace === undefined) this.#spans.set(span.traceId, (trace = new Map()))
      if (trace.has(span.spanId)) continue
      trace.set(span.spanId, span)
      this.#spanCount += 1
      this.#summaries.delete(span.traceId)
    }
    this.#list = undefined
    this.#evict()
  }

  get(id: string): Trace | undefined {
    const spans = this.#spans.get(id)
    if (spans === undefined) return undefined
    let summary = this.#summaries.get(id)
    if (summary === undefined) this.#summaries.set(id, (summary = summarize(id, spans)))
    return summary
  }

  /** The traces, the latest first. */
  get list(): readonly Trace[] {
    return (this.#list ??= [...this.#spans.keys()]
      .map((id) => this.get(id) as Trace)
      .toSorted((a, b) => b.startMs - a.startMs))
  }

  get spanCount(): number {
    return this.#spanCount
  }

  #evict(): void {
    if (this.#spanCount <= MAX_SPANS && this.#spans.size <= MAX_TRACES) return
    const all = this.list
    const kept = new Set([
      ...all.filter(({ failed }) => failed).slice(0, KEPT_LONGER),
      ...all.toSorted((a, b) => durationOf(b) - durationOf(a)).slice(0, KEPT_LONGER),
    ])
    const oldestFirst = [...all.filter((trace) => !kept.has(trace)).toReversed(), ...[...kept].toReversed()]
    for (const { id, spans } of oldestFirst) {
      // Traces are removed well below the limit, so that this does not happen for each batch.
      if (this.#spanCount <= MAX_SPANS * 0.9 && this.#spans.size <= MAX_TRACES * 0.9) break
      this.#spans.delete(id)
      this.#summaries.delete(id)
      this.#spanCount -= spans.size
    }
    this.#list = undefined
  }
}

export function durationOf({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): number {
  return endMs - startMs
}

/** The tolerance for clocks. Those of two processes on one machine differ by less. */
const SKEW_TOLERANCE_MS = 1000

/** Returns whether a span begins before its trace by more than clocks usually differ. */
export function isBefore(span: { readonly startMs: number }, trace: { readonly startMs: number }): boolean {
  return span.startMs < trace.startMs - SKEW_TOLERANCE_MS
}

function summarize(id: string, spans: ReadonlyMap<string, Span>): Trace {
  const all = [...spans.values()]
  const missing = new Set(all.filter((span) => isParentMissing(span, spans)).map(({ parentId }) => parentId))
  const tops = all.filter(({ parentId }) => parentId === undefined || !spans.has(parentId))
  const roots = tops.filter(({ parentId }) => !missing.has(parentId))
  const isRootMissing = roots.length === 0
  // If every span has a parent here, the parents form a cycle.
  const candidates = isRootMissing ? (tops.length > 0 ? tops : all) : roots
  const root = candidates.toSorted(
    (a, b) => Number(b.kind === 'server') - Number(a.kind === 'server') || a.startMs - b.startMs,
  )[0]
  if (root === undefined) throw new Error('a trace has a span')
  const startMs = isRootMissing ? all.reduce((first, each) => Math.min(first, each.startMs), Infinity) : root.startMs
  const inTime = all.filter((each) => !isBefore(each, { startMs }))
  return {
    id,
    spans,
    root,
    isRootMissing,
    missing: missing.size,
    startMs,
    endMs: inTime.reduce((latest, { endMs }) => Math.max(latest, endMs), startMs),
    skewed: all.length - inTime.length,
    failed: all.some(({ failed, kind }) => failed && (isRootMissing || kind === 'server')) || root.failed,
    repeats: repeatsIn(all),
  }
}

/**
 * Returns whether a span of this service should have arrived and has not. If the format does not say where the parent
 * is, requests are assumed to come from another process.
 */
export function isParentMissing({ parentId, hasRemoteParent, kind }: Span, spans: ReadonlyMap<string, Span>): boolean {
  if (parentId === undefined || spans.has(parentId)) return false
  return !(hasRemoteParent ?? (kind === 'server' || kind === 'consumer'))
}

function repeatsIn(spans: readonly Span[]): Repeat[] {
  const counts = new Map<string, Repeat>()
  for (const { kind, parentId = '', attributes } of spans) {
    const statement = text(attributes, 'db.query.text', 'db.query.summary')
    if (kind !== 'client' || statement === '') continue
    const key = `${parentId} ${statement}`
    counts.set(key, { statement, parentId, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()].filter(({ count }) => count >= MIN_REPEATS).toSorted((a, b) => b.count - a.count)
}
