import type { Attributes } from '@opentelemetry/api'

/** A recorded measurement with the span that was active. */
export interface Exemplar {
  readonly value: number
  readonly timestampMs: number
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
  /** The attributes that a view or the limit of series removed from the measurement. */
  readonly filteredAttributes?: Attributes | undefined
}

/** The exemplars of one series, in no particular order. Empty slots are undefined or holes. */
export type Exemplars = readonly (Exemplar | undefined)[]

/** Returns the exemplars of a data point. The SDK's data points have none; the recording storage adds them. */
export function exemplarsOf(dataPoint: object): Exemplars | undefined {
  return (dataPoint as { readonly exemplars?: Exemplars }).exemplars
}
