import type { Attributes, Meter } from '@opentelemetry/api'
import type { Sampler, SpanProcessor } from '@opentelemetry/sdk-trace'
import { warn } from '../base/diag.ts'
import type { TracesSettings } from '../settings/settings.ts'
import { KeepingProcessor, type SpanSink } from './keeping-processor.ts'
import { type KeptTraceCounts, LocalTraces, MAX_SPANS_A_TRACE } from './local-traces.ts'
import { RemoteSampler } from './remote-sampler.ts'
import { KeepingSampler, RateLimitingSampler, UntracedSampler } from './samplers.ts'
import { TokenBucket } from './token-bucket.ts'

/** What goes beyond the specification's samplers; loaded only where a setting asks for it. */
export interface Sampling {
  readonly spanProcessors: readonly SpanProcessor[]
  /** Puts the rate limit, the keeping and what is left out around the sampler of the settings. */
  around(sampler: Sampler): Sampler
  /** `jaeger_remote`: where a trace begins. */
  readonly rootSampler: RemoteSampler | undefined
  /** For the end of the process, before the exporters are drained. `exitCode`: other than 0 it has failed. */
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
  const localTraces = new LocalTraces(keep, new TokenBucket(perSecond), deliver, sayOnce(keep.maxSpans))
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

/** The metric has the count; the line says what to turn. */
function sayOnce(maxSpans: number): () => void {
  let said = false
  return () => {
    if (said) return
    said = true
    warn(
      `OBS_TRACES_KEEP: more than ${maxSpans} spans, or ${MAX_SPANS_A_TRACE} of one trace, wait for their request to end; ` +
        'some are lost (OBS_TRACES_KEEP_MAX_SPANS, obs_sampling_lost_spans_total)',
    )
  }
}

function observeKept(meter: Meter, localTraces: LocalTraces): void {
  const { figures } = localTraces
  counter(meter, 'obs.sampling.kept', 'Traces that were not sampled and are kept, by reason.', () => [
    [figures.kept.error, { reason: 'error' }],
    [figures.kept.slow, { reason: 'slow' }],
  ])
  counter(meter, 'obs.sampling.lost_spans', 'Spans that were lost while it was open whether to keep them.', () => [
    [figures.lost.buffer_full, { reason: 'buffer_full' }],
    [figures.lost.trace_full, { reason: 'trace_full' }],
  ])
  meter
    .createObservableGauge('obs.sampling.held_spans', {
      description: 'Spans of which it is open whether they are kept.',
    })
    .addCallback((result) => result.observe(localTraces.held))
}

function observeLimited(meter: Meter, limiting: RateLimitingSampler, figures: KeptTraceCounts): void {
  counter(meter, 'obs.sampling.rate_limited', 'Traces that OBS_TRACES_PER_SECOND left out.', () => [
    [limiting.limited, { of: 'sampled' }],
    [figures.limited, { of: 'kept' }],
  ])
}

function counter(meter: Meter, name: string, description: string, read: () => readonly [number, Attributes][]): void {
  meter.createObservableCounter(name, { description }).addCallback((result) => {
    for (const [value, attributes] of read()) result.observe(value, attributes)
  })
}
