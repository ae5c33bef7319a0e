import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import type { TracesSettings } from '../settings/settings.ts'

/**
 * Creates the sampler of `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`. `own` replaces the SDK's sampler for root
 * spans.
 */
export function createSampler({ name, ratio }: TracesSettings['sampler'], own?: Sampler): Sampler {
  const root = own ?? rootSampler(name.replace(/^parentbased_/, ''), ratio)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_off') return new AlwaysOffSampler()
  if (name === 'traceidratio') return new TraceIdRatioBasedSampler(ratio)
  return new AlwaysOnSampler()
}
