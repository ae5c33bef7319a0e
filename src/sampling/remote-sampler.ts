import { type Sampler, SamplingDecision, type SamplingResult, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace'
import type { SamplingStrategy } from '../settings/settings.ts'
import { TokenBucket } from './token-bucket.ts'

type Arguments = Parameters<Sampler['shouldSample']>

/**
 * `jaeger_remote`: samples by the latest strategy received, and at the initial rate before the first.
 * https://www.jaegertracing.io/docs/latest/architecture/sampling/#remote-sampling
 */
export class RemoteSampler implements Sampler {
  #current: Sampler

  constructor(initialRate: number) {
    this.#current = new TraceIdRatioBasedSampler(initialRate)
  }

  follow(strategy: SamplingStrategy): void {
    this.#current = samplerOf(strategy)
  }

  shouldSample(...all: Arguments): SamplingResult {
    return this.#current.shouldSample(...all)
  }

  toString(): string {
    return `JaegerRemote{${this.#current.toString()}}`
  }
}

function samplerOf(strategy: SamplingStrategy): Sampler {
  if ('perSecond' in strategy) return new PerSecondSampler(strategy.perSecond)
  if ('rate' in strategy) return new TraceIdRatioBasedSampler(strategy.rate)
  const { defaultRate, lowerBoundPerSecond, rates } = strategy
  return new OperationSampler(
    new AtLeastSampler(defaultRate, lowerBoundPerSecond),
    new Map(Object.entries(rates).map(([name, rate]) => [name, new AtLeastSampler(rate, lowerBoundPerSecond)])),
  )
}

class PerSecondSampler implements Sampler {
  readonly #bucket: TokenBucket

  constructor(perSecond: number) {
    this.#bucket = new TokenBucket(perSecond)
  }

  shouldSample(): SamplingResult {
    return { decision: this.#bucket.take() ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD }
  }
}

/** Samples a ratio, but at least a number of traces per second. */
class AtLeastSampler implements Sampler {
  readonly #ratio: Sampler
  readonly #atLeast: PerSecondSampler

  constructor(rate: number, perSecond: number) {
    this.#ratio = new TraceIdRatioBasedSampler(rate)
    this.#atLeast = new PerSecondSampler(perSecond)
  }

  shouldSample(...all: Arguments): SamplingResult {
    const result = this.#ratio.shouldSample(...all)
    return result.decision === SamplingDecision.NOT_RECORD ? this.#atLeast.shouldSample() : result
  }
}

class OperationSampler implements Sampler {
  readonly #otherwise: Sampler
  readonly #byName: ReadonlyMap<string, Sampler>

  constructor(otherwise: Sampler, byName: ReadonlyMap<string, Sampler>) {
    this.#otherwise = otherwise
    this.#byName = byName
  }

  shouldSample(...all: Arguments): SamplingResult {
    return (this.#byName.get(all[2]) ?? this.#otherwise).shouldSample(...all)
  }
}
