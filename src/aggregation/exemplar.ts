import type { Attributes } from '@opentelemetry/api'

/** One recorded measurement with the span it was recorded in. */
export interface Exemplar {
  readonly value: number
  readonly timestampMs: number
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
  /** What a view, or the limit of series, took off the measurement's attributes. */
  readonly filteredAttributes?: Attributes | undefined
}

/** Of one series, in no order; undefined and holes where there is none. */
export type Exemplars = readonly (Exemplar | undefined)[]

/** The SDK's data points know no exemplars: the recording storage adds them. */
export function exemplarsOf(dataPoint: object): Exemplars | undefined {
  return (dataPoint as { readonly exemplars?: Exemplars }).exemplars
}
