import { type Context, isSpanContextValid, type Span, type SpanContext, trace, TraceFlags } from '@opentelemetry/api'
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace'
import { type IsIgnored, ignoreRules } from './ignore-rules.ts'
import type { IgnoreSettings } from '../settings/settings.ts'
import type { LocalTraces } from './local-traces.ts'
import type { TokenBucket } from './token-bucket.ts'

type Arguments = Parameters<Sampler['shouldSample']>

const NOT_RECORDED: SamplingResult = { decision: SamplingDecision.NOT_RECORD }

/**
 * `OBS_TRACES_PER_SECOND`: limits the traces that the inner sampler accepts to a rate. A trace has one decision: its
 * spans in this process follow the first one, and a caller's decision stands when the sampler follows it.
 */
export class RateLimitingSampler implements Sampler {
  readonly #inside: Sampler
  readonly #followsCaller: boolean
  readonly #bucket: TokenBucket
  limited = 0

  /** `followsCaller`: the inner sampler is one of `parentbased_*`. */
  constructor(inside: Sampler, followsCaller: boolean, bucket: TokenBucket) {
    this.#inside = inside
    this.#followsCaller = followsCaller
    this.#bucket = bucket
  }

  shouldSample(...all: Arguments): SamplingResult {
    const parent = parentOf(all[0])
    if (parent !== undefined && parent.isRemote !== true && !isSampled(parent)) return NOT_RECORDED
    const result = this.#inside.shouldSample(...all)
    if (result.decision !== SamplingDecision.RECORD_AND_SAMPLED) return result
    if (parent !== undefined && (parent.isRemote !== true || this.#followsCaller)) return result
    if (this.#bucket.take()) return result
    this.limited++
    return { ...result, decision: SamplingDecision.NOT_RECORD }
  }

  toString(): string {
    return `RateLimiting{${this.#inside.toString()}}`
  }
}

/**
 * `OBS_TRACES_KEEP`: records what the inner sampler rejects, without the sampled flag, so that downstream services
 * decide as they would have. `LocalTraces` decides what is exported.
 */
export class KeepingSampler implements Sampler {
  readonly #inside: Sampler
  readonly #localTraces: LocalTraces

  constructor(inside: Sampler, localTraces: LocalTraces) {
    this.#inside = inside
    this.#localTraces = localTraces
  }

  shouldSample(...all: Arguments): SamplingResult {
    const result = this.#inside.shouldSample(...all)
    if (result.decision !== SamplingDecision.NOT_RECORD) return result
    // The trace was discarded, so recording would be wasted.
    if (this.#localTraces.isIgnored(trace.getSpan(all[0]))) return result
    return { ...result, decision: SamplingDecision.RECORD }
  }

  toString(): string {
    return `Keeping{${this.#inside.toString()}}`
  }
}

/**
 * `OBS_IGNORE_FROM=traces`: ignored requests and everything below them are not recorded, and the trace flags passed to
 * the next service are unsampled. Their metrics come from the instrumentation and remain.
 */
export class UntracedSampler implements Sampler {
  readonly #inside: Sampler
  readonly #isIgnored: IsIgnored

  constructor(inside: Sampler, untraced: IgnoreSettings) {
    this.#inside = inside
    this.#isIgnored = ignoreRules(untraced)
  }

  shouldSample(...all: Arguments): SamplingResult {
    const [context, , , kind, attributes] = all
    if (this.#isIgnored(kind, attributes) || isBelowUnrecorded(trace.getSpan(context))) return NOT_RECORDED
    return this.#inside.shouldSample(...all)
  }

  toString(): string {
    return `Untraced{${this.#inside.toString()}}`
  }
}

interface WrappedSpan extends Span {
  readonly inner?: Span
}

/** Returns whether the parent is an unrecorded span of this process. Recorded ones have a resource. */
function isBelowUnrecorded(parent: WrappedSpan | undefined): boolean {
  // A database client's span is a wrapper around the SDK's.
  if (parent === undefined || 'resource' in (parent.inner ?? parent)) return false
  const spanContext = parent.spanContext()
  return isSpanContextValid(spanContext) && spanContext.isRemote !== true && !isSampled(spanContext)
}

function parentOf(context: Context): SpanContext | undefined {
  const parent = trace.getSpanContext(context)
  return parent !== undefined && isSpanContextValid(parent) ? parent : undefined
}

export function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0
}
