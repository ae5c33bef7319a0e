import { type Context, INVALID_TRACEID, type SpanContext, trace, TraceFlags } from '@opentelemetry/api'
import type { ExemplarFilterName } from '../settings/settings.ts'
import { DeferredSpan } from './deferred-span.ts'

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
  if (span instanceof DeferredSpan) return span.identity.isSampled ? span.identity : undefined
  const spanContext = span?.spanContext()
  return spanContext !== undefined && (spanContext.traceFlags & TraceFlags.SAMPLED) !== 0 ? spanContext : undefined
}

const NO_SPAN = Object.freeze({})

function always(recordedIn: Context): ExemplarSpan {
  const span = trace.getSpan(recordedIn)
  if (span instanceof DeferredSpan) return span.identity
  const spanContext = span?.spanContext()
  return spanContext === undefined || spanContext.traceId === INVALID_TRACEID ? NO_SPAN : spanContext
}
