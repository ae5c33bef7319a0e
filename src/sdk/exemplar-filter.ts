import { type Context, INVALID_TRACEID, type SpanContext, trace, TraceFlags } from '@opentelemetry/api'
import type { ExemplarFilterName } from '../settings/settings.ts'
import { spanIdentityOf } from './identity-of.ts'
import { SpanIdentity } from './span-identity.ts'

/** The span to note beside a measurement; undefined: the measurement is no exemplar. */
export type ExemplarFilter = (recordedIn: Context) => ExemplarSpan | undefined

/** Of a `SpanIdentity`, reading an id makes its text. */
export type ExemplarSpan = Partial<Pick<SpanContext, 'traceId' | 'spanId'>>

/** `OTEL_METRICS_EXEMPLAR_FILTER`. Undefined when nothing is to be noted at all. */
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
  // What we have drawn ourselves is valid.
  if (identity === undefined) return NO_SPAN
  return !(identity instanceof SpanIdentity) && identity.traceId === INVALID_TRACEID ? NO_SPAN : identity
}
