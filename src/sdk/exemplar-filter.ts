import { type Context, INVALID_TRACEID, type SpanContext, trace, TraceFlags } from '@opentelemetry/api'
import type { ExemplarFilterName } from '../settings/settings.ts'
import { spanIdentityOf } from './identity-of.ts'
import { SpanIdentity } from './span-identity.ts'

/** Returns the span to record with a measurement; undefined when the measurement is not an exemplar. */
export type ExemplarFilter = (recordedIn: Context) => ExemplarSpan | undefined

/** For a `SpanIdentity`, reading an id creates its text. */
export type ExemplarSpan = Partial<Pick<SpanContext, 'traceId' | 'spanId'>>

/** Returns the filter of `OTEL_METRICS_EXEMPLAR_FILTER`; undefined when exemplars are off. */
export function exemplarFilter(name: ExemplarFilterName): ExemplarFilter | undefined {
  if (name === 'always_off') return undefined
  return name === 'always_on' ? always : whenSampled
}

function whenSampled(recordedIn: Context): ExemplarSpan | undefined {
  const span = trace.getSpan(recordedIn)
  const identity = span === undefined ? undefined : spanIdentityOf(span)
  return identity !== undefined && (identity.traceFlags & TraceFlags.SAMPLED) !== 0 ? identity : undefined
}

const NO_SPAN = Object.freeze({})

function always(recordedIn: Context): ExemplarSpan {
  const span = trace.getSpan(recordedIn)
  const identity = span === undefined ? undefined : spanIdentityOf(span)
  // Ids that were generated here are valid.
  if (identity === undefined) return NO_SPAN
  return !(identity instanceof SpanIdentity) && identity.traceId === INVALID_TRACEID ? NO_SPAN : identity
}
