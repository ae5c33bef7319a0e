import { type Span as ApiSpan, type SpanContext, SpanStatusCode } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace'
import type { KeepSettings } from '../settings/settings.ts'
import type { TokenBucket } from './token-bucket.ts'

/** More spans of one trace are not kept, its local root apart: one request must not push out all others. */
export const MAX_SPANS_A_TRACE = 512

/** On the local root: this trace was kept for that, and does not stand for others as a sampled one does. */
export const KEPT_ATTRIBUTE = 'obs.sampling.kept'

export type Reason = 'error' | 'slow'

/** What of one trace happens in this process below one span that has no parent here: a request, a message, a job. */
interface LocalTrace {
  readonly root: Span
  readonly startedAtMs: number
  state: 'undecided' | 'kept' | 'left out'
  /** Ended, in that order, while undecided. */
  spans: ReadableSpan[]
}

export interface KeptTraceCounts {
  readonly kept: Record<Reason, number>
  /** Traces worth keeping that the rate limit left out. */
  limited: number
  /** Spans that were lost for want of room. */
  readonly lost: Record<'buffer_full' | 'trace_full', number>
}

/**
 * Spans that are recorded and not sampled, held back until it is known whether their local trace has an error or is slow:
 * at the first failed span, at the first span that ends after the threshold, at the local root's end at the latest. The
 * whole buffer has a bound; the oldest trace goes first.
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
   * By the object that a span and whatever wraps it have as span context: a trace that nobody holds any more is forgotten
   * with its spans.
   */
  readonly #bySpan = new WeakMap<SpanContext, LocalTrace>()
  /** Those with held spans, oldest first. */
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

  /** Spans held back now. */
  get held(): number {
    return this.#held
  }

  isIgnored(parent: ApiSpan | undefined): boolean {
    return parent !== undefined && this.#bySpan.get(parent.spanContext())?.state === 'left out'
  }

  start(span: Span, parent: ApiSpan | undefined): void {
    const known = parent === undefined ? undefined : this.#bySpan.get(parent.spanContext())
    this.#bySpan.set(
      span.spanContext(),
      known ?? { root: span, startedAtMs: performance.now(), state: 'undecided', spans: [] },
    )
  }

  /** While the span can still be written to: decides, and marks the root. */
  ending(span: Span): void {
    const local = this.#bySpan.get(span.spanContext())
    if (local?.state !== 'undecided') return
    const reason = this.#reasonToKeep(span, local)
    if (reason !== undefined) this.#keep(local, reason)
  }

  end(span: ReadableSpan): void {
    const local = this.#bySpan.get(span.spanContext())
    if (local === undefined || local.state === 'left out') return
    if (local.state === 'kept') this.#deliver(span)
    else if (span === (local.root as ReadableSpan)) this.#leaveOut(local)
    else this.#hold(span, local)
  }

  /** The process ends: what is slow by now is kept, and all that it leaves unanswered when it fails. */
  decideAll(hasFailed: boolean): void {
    for (const local of this.#withSpans) {
      if (this.#settings.errors && hasFailed) this.#keep(local, 'error')
      else if (this.#settings.slow && this.#isOld(local)) this.#keep(local, 'slow')
      else this.#leaveOut(local)
    }
  }

  #reasonToKeep(span: Span, local: LocalTrace): Reason | undefined {
    if (this.#settings.errors && span.status.code === SpanStatusCode.ERROR) return 'error'
    if (!this.#settings.slow) return undefined
    // The root may say itself when it began.
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
      this.#leaveOut(local)
      return
    }
    local.state = 'kept'
    local.root.setAttribute(KEPT_ATTRIBUTE, reason)
    this.figures.kept[reason]++
    for (const span of this.#release(local)) this.#deliver(span)
  }

  #leaveOut(local: LocalTrace): void {
    local.state = 'left out'
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
      this.#leaveOut(oldest)
    }
    // Its own trace may have been the oldest.
    if (local.state === 'left out') {
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
