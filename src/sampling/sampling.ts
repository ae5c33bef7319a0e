import type { Attributes, Meter } from '@opentelemetry/api'
import type { Sampler, SpanProcessor } from '@opentelemetry/sdk-trace'
import { warn } from '../base/diag.ts'
import type { TracesSettings } from '../settings/settings.ts'
import { KeepingProcessor, type SpanSink } from './keeping-processor.ts'
import { type KeptTraceCounts, LocalTraces, MAX_SPANS_A_TRACE } from './local-traces.ts'
import { RemoteSampler } from './remote-sampler.ts'
import { KeepingSampler, RateLimitingSampler, UntracedSampler } from './samplers.ts'
import { TokenBucket } from './token-bucket.ts'

/** Sampling beyond the specification's samplers; loaded only when a setting requires it. */
export interface Sampling {
  readonly spanProcessors: readonly SpanProcessor[]
  /** Wraps the configured sampler in the rate limit, the keeping and the ignore rules. */
  around(sampler: Sampler): Sampler
  /** The sampler for root spans with `jaeger_remote`. */
  readonly rootSampler: RemoteSampler | undefined
  /**
   * Decides held traces at the end of the process, before the exporters are drained. An `exitCode` other than 0 means
   * that the process failed.
   */
  decideAll(exitCode: unknown): void
  observe(meter: Meter): void
}

export function createSampling(settings: TracesSettings, sinks: readonly SpanSink[]): Sampling {
  const { keep, perSecond, sampler, untraced } = settings
  const isUntracing = untraced.paths.length + untraced.hosts.length > 0
  const isKeeping = keep.errors || keep.slow
  const deliver = (span: Parameters<SpanSink['take']>[0]): void => {
    for (const sink of sinks) sink.take(span)
  }
  const localTraces = new LocalTraces(keep, new TokenBucket(perSecond), deliver, warnOnce(keep.maxSpans))
  let limiting: RateLimitingSampler | undefined
  return {
    spanProcessors: isKeeping ? [new KeepingProcessor(sinks, localTraces)] : sinks,
    around(inside) {
      if (perSecond !== Infinity) {
        limiting = new RateLimitingSampler(inside, sampler.name.startsWith('parentbased_'), new TokenBucket(perSecond))
      }
      const limited = limiting ?? inside
      const keeping = isKeeping ? new KeepingSampler(limited, localTraces) : limited
      return isUntracing ? new UntracedSampler(keeping, untraced) : keeping
    },
    rootSampler: sampler.remote === undefined ? undefined : new RemoteSampler(sampler.remote.initialRate),
    decideAll: (exitCode) => localTraces.decideAll(Number(exitCode ?? 0) !== 0),
    observe(meter) {
      if (isKeeping) observeKept(meter, localTraces)
      if (limiting !== undefined) observeLimited(meter, limiting, localTraces.figures)
    },
  }
}

/** Returns a function that warns once and names the settings to change; the metric has the count. */
function warnOnce(maxSpans: number): () => void {
  let hasWarned = false
  return () => {
    if (hasWarned) return
    hasWarned = true
    warn(
      `OBS_TRACES_KEEP: buffer full (${maxSpans} spans, or ${MAX_SPANS_A_TRACE} of one trace, of unfinished requests); ` +
        'spans dropped (see OBS_TRACES_KEEP_MAX_SPANS and obs_sampling_lost_spans_total)',
    )
  }
}

function observeKept(meter: Meter, localTraces: LocalTraces): void {
  const { figures } = localTraces
  counter(meter, 'obs.sampling.kept', 'Traces that were kept although they were not sampled, by reason.', () => [
    [figures.kept.error, { reason: 'error' }],
    [figures.kept.slow, { reason: 'slow' }],
  ])
  counter(
    meter,
    'obs.sampling.lost_spans',
    'Spans that were dropped before it was decided whether to keep them.',
    () => [
      [figures.lost.buffer_full, { reason: 'buffer_full' }],
      [figures.lost.trace_full, { reason: 'trace_full' }],
    ],
  )
  meter
    .createObservableGauge('obs.sampling.held_spans', {
      description: 'Spans held back until it is decided whether to keep them.',
    })
    .addCallback((result) => result.observe(localTraces.held))
}

function observeLimited(meter: Meter, limiting: RateLimitingSampler, figures: KeptTraceCounts): void {
  counter(meter, 'obs.sampling.rate_limited', 'Traces not exported because of OBS_TRACES_PER_SECOND.', () => [
    [limiting.limited, { of: 'sampled' }],
    [figures.limited, { of: 'kept' }],
  ])
}

function counter(meter: Meter, name: string, description: string, read: () => readonly [number, Attributes][]): void {
  meter.createObservableCounter(name, { description }).addCallback((result) => {
    for (const [value, attributes] of read()) result.observe(value, attributes)
  })
}
