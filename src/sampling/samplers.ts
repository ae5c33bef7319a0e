import { type Context, isSpanContextValid, type SpanContext, trace, TraceFlags } from '@opentelemetry/api'
import { type Sampler, SamplingDecision, type SamplingResult } from '@opentelemetry/sdk-trace'
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
    if (this.#localTraces.isLeftOut(trace.getSpan(all[0]))) return result
    return { ...result, decision: SamplingDecision.RECORD }
  }

  toString(): string {
    return `Keeping{${this.#inside.toString()}}`
  }
}

function parentOf(context: Context): SpanContext | undefined {
  const parent = trace.getSpanContext(context)
  return parent !== undefined && isSpanContextValid(parent) ? parent : undefined
}

export function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0
}
