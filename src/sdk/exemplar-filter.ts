import { type Context, INVALID_TRACEID, type SpanContext, trace, TraceFlags } from '@opentelemetry/api'
import type { ExemplarFilterName } from '../settings/settings.ts'

/** The span to note beside a measurement; undefined: the measurement is no exemplar. */
export type ExemplarFilter = (recordedIn: Context) => Partial<Pick<SpanContext, 'traceId' | 'spanId'>> | undefined

/** `OTEL_METRICS_EXEMPLAR_FILTER`. Undefined when nothing is to be noted at all. */
export function exemplarFilter(name: ExemplarFilterName): ExemplarFilter | undefined {
  if (name === 'always_off') return undefined
  return name === 'always_on' ? always : whenSampled
}

function whenSampled(recordedIn: Context): ReturnType<ExemplarFilter> {
  const span = trace.getSpanContext(recordedIn)
  return span !== undefined && (span.traceFlags & TraceFlags.SAMPLED) !== 0 ? span : undefined
}

const NO_SPAN = Object.freeze({})

function always(recordedIn: Context): ReturnType<ExemplarFilter> {
  const span = trace.getSpanContext(recordedIn)
  return span === undefined || span.traceId === INVALID_TRACEID ? NO_SPAN : span
}
