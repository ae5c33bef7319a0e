import { type Span as ApiSpan, type SpanContext, SpanStatusCode } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace'
import type { KeepSettings } from '../settings/settings.ts'
import type { TokenBucket } from './token-bucket.ts'

/** The most spans that are held per trace, its local root apart, so that one request cannot push out all others. */
export const MAX_SPANS_A_TRACE = 512

/**
 * The attribute of the local root that names the reason for which the trace was kept. Unlike a sampled trace, a kept
 * one does not represent others.
 */
export const KEPT_ATTRIBUTE = 'obs.sampling.kept'

export type Reason = 'error' | 'slow'

/** The part of a trace in this process below one local root span: a request, a message, a job. */
interface LocalTrace {
  readonly root: Span
  readonly startedAtMs: number
  state: 'undecided' | 'kept' | 'discarded'
  /** The spans that ended before the decision, in the order of their ends. */
  spans: ReadableSpan[]
}

export interface KeptTraceCounts {
  readonly kept: Record<Reason, number>
  /** Traces that were worth keeping but exceeded the rate limit. */
  limited: number
  /** Spans that were dropped because a buffer was full. */
  readonly lost: Record<'buffer_full' | 'trace_full', number>
}

/**
 * Holds back recorded spans that are not sampled until it is known whether their local trace has an error or is slow:
 * at the first failed span, at the first span that ends after the threshold, or when the local root ends. The buffer is
 * bounded; the oldest trace is dropped first.
 */
export class LocalTraces {
  readonly figures: KeptTraceCounts = {
    kept: { error: 0, slow: 0 },
    limited: 0,
    lost: { buffer_full: 0, trace_full: 0 },
  }
  readonly #settings: KeepSettings
  readonly #bucket: TokenBucket
  readonly #deliver: (span: ReadableSpan) => void
  readonly #onLoss: () => void
  /**
   * By span context, an object that wrappers of a span share. A trace that is no longer referenced is released with its
   * spans.
   */
  readonly #bySpan = new WeakMap<SpanContext, LocalTrace>()
  /** Traces with held spans, oldest first. */
  readonly #withSpans = new Set<LocalTrace>()
  #held = 0

  constructor(
    settings: KeepSettings,
    bucket: TokenBucket,
    deliver: (span: ReadableSpan) => void,
    onLoss: () => void = () => {},
  ) {
    this.#settings = settings
    this.#bucket = bucket
    this.#deliver = deliver
    this.#onLoss = onLoss
  }

  /** The number of spans that are held back. */
  get held(): number {
    return this.#held
  }

  isIgnored(parent: ApiSpan | undefined): boolean {
    return parent !== undefined && this.#bySpan.get(parent.spanContext())?.state === 'discarded'
  }

  start(span: Span, parent: ApiSpan | undefined): void {
    const known = parent === undefined ? undefined : this.#bySpan.get(parent.spanContext())
    this.#bySpan.set(
      span.spanContext(),
      known ?? { root: span, startedAtMs: performance.now(), state: 'undecided', spans: [] },
    )
  }

  /** Decides and marks the root while the span can still be modified. */
  ending(span: Span): void {
    const local = this.#bySpan.get(span.spanContext())
    if (local?.state !== 'undecided') return
    const reason = this.#reasonToKeep(span, local)
    if (reason !== undefined) this.#keep(local, reason)
  }

  end(span: ReadableSpan): void {
    const local = this.#bySpan.get(span.spanContext())
    if (local === undefined || local.state === 'discarded') return
    if (local.state === 'kept') this.#deliver(span)
    else if (span === (local.root as ReadableSpan)) this.#discard(local)
    else this.#hold(span, local)
  }

  /** Decides all traces at the end of the process. Slow ones are kept, and with `hasFailed` all that are unfinished. */
  decideAll(hasFailed: boolean): void {
    for (const local of this.#withSpans) {
      if (this.#settings.errors && hasFailed) this.#keep(local, 'error')
      else if (this.#settings.slow && this.#isOld(local)) this.#keep(local, 'slow')
      else this.#discard(local)
    }
  }

  #reasonToKeep(span: Span, local: LocalTrace): Reason | undefined {
    if (this.#settings.errors && span.status.code === SpanStatusCode.ERROR) return 'error'
    if (!this.#settings.slow) return undefined
    // The root may have been given its start time.
    const isSlow =
      span === local.root ? hrTimeToMilliseconds(span.duration) >= this.#settings.slowThresholdMs : this.#isOld(local)
    return isSlow ? 'slow' : undefined
  }

  #isOld({ startedAtMs }: LocalTrace): boolean {
    return performance.now() - startedAtMs >= this.#settings.slowThresholdMs
  }

  #keep(local: LocalTrace, reason: Reason): void {
    if (!this.#bucket.take()) {
      this.figures.limited++
      this.#discard(local)
      return
    }
    local.state = 'kept'
    local.root.setAttribute(KEPT_ATTRIBUTE, reason)
    this.figures.kept[reason]++
    for (const span of this.#release(local)) this.#deliver(span)
  }

  #discard(local: LocalTrace): void {
    local.state = 'discarded'
    this.#release(local)
  }

  #hold(span: ReadableSpan, local: LocalTrace): void {
    if (local.spans.length >= MAX_SPANS_A_TRACE) {
      this.#lose('trace_full', 1)
      return
    }
    while (this.#held >= this.#settings.maxSpans) {
      const [oldest] = this.#withSpans
      if (oldest === undefined) break
      this.#lose('buffer_full', oldest.spans.length)
      this.#discard(oldest)
    }
    // The span's own trace may have been the oldest and dropped.
    if (local.state === 'discarded') {
      this.#lose('buffer_full', 1)
      return
    }
    local.spans.push(span)
    this.#held++
    this.#withSpans.add(local)
  }

  #release(local: LocalTrace): readonly ReadableSpan[] {
    const { spans } = local
    local.spans = []
    this.#held -= spans.length
    this.#withSpans.delete(local)
    return spans
  }

  #lose(reason: keyof KeptTraceCounts['lost'], spans: number): void {
    this.figures.lost[reason] += spans
    this.#onLoss()
  }
}
