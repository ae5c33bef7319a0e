import { type Context, isSpanContextValid, type Span, type SpanContext, trace, TraceFlags } from '@opentelemetry/api'
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace'
import { type IsIgnored, ignoreRules } from './ignore-rules.ts'
import type { IgnoreSettings } from '../settings/settings.ts'
import type { LocalTraces } from './local-traces.ts'
import type { TokenBucket } from './token-bucket.ts'

type Arguments = Parameters<Sampler['shouldSample']>

const LEFT_OUT: SamplingResult = { decision: SamplingDecision.NOT_RECORD }

/**
 * `OBS_TRACES_PER_SECOND`: of the traces that the sampler inside takes, only so many a second. A trace has one decision: its
 * spans in this process follow the first, and a caller's decision stands where the sampler asks for it.
 */
export class RateLimitingSampler implements Sampler {
  readonly #inside: Sampler
  readonly #followsCaller: boolean
  readonly #bucket: TokenBucket
  limited = 0

  /** `followsCaller`: the sampler is one of `parentbased_*`. */
  constructor(inside: Sampler, followsCaller: boolean, bucket: TokenBucket) {
    this.#inside = inside
    this.#followsCaller = followsCaller
    this.#bucket = bucket
  }

  shouldSample(...all: Arguments): SamplingResult {
    const parent = parentOf(all[0])
    if (parent !== undefined && parent.isRemote !== true && !isSampled(parent)) return LEFT_OUT
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
 * `OBS_TRACES_KEEP`: what the sampler inside leaves out is recorded all the same, without the sampled flag, so that the next
 * services decide as they would have. `LocalTraces` sees what becomes of it.
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
    // Whatever it records is lost: not worth recording.
    if (this.#localTraces.isIgnored(trace.getSpan(all[0]))) return result
    return { ...result, decision: SamplingDecision.RECORD }
  }

  toString(): string {
    return `Keeping{${this.#inside.toString()}}`
  }
}

/**
 * `OBS_IGNORE_FROM=traces`: a request that is left out is not recorded, nor is anything below it, and the next service
 * hears so. Its metrics come from the instrumentation and stay.
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
    if (this.#isIgnored(kind, attributes) || isBelowLeftOut(trace.getSpan(context))) return LEFT_OUT
    return this.#inside.shouldSample(...all)
  }

  toString(): string {
    return `Untraced{${this.#inside.toString()}}`
  }
}

interface WrappedSpan extends Span {
  readonly inner?: Span
}

/** A span of this process that the SDK did not record: those that it records have a resource. */
function isBelowLeftOut(parent: WrappedSpan | undefined): boolean {
  // A database client's is one of ours around the SDK's.
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
