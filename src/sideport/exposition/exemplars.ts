import type { Attributes } from '@opentelemetry/api'
import type { Exemplar, Exemplars } from '../../aggregation/exemplar.ts'

/** The limit of OpenMetrics 1.0 for names and values of an exemplar's labels together, in characters. */
const MAX_LABEL_CHARACTERS = 128

/** Returns the labels of an exemplar: trace_id and span_id, then as many filtered attributes as fit. */
export function exemplarLabels(
  exemplar: Exemplar,
  toLabels: (attributes: Attributes) => readonly (readonly [string, string])[],
): [string, string][] {
  const labels: [string, string][] = []
  if (exemplar.traceId !== undefined) labels.push(['trace_id', exemplar.traceId])
  if (exemplar.spanId !== undefined) labels.push(['span_id', exemplar.spanId])
  if (exemplar.filteredAttributes === undefined) return labels
  let left = MAX_LABEL_CHARACTERS - charactersOf(labels)
  for (const [name, value] of toLabels(exemplar.filteredAttributes)) {
    const characters = [...name].length + [...value].length
    if (characters > left || name === 'trace_id' || name === 'span_id') continue
    labels.push([name, value])
    left -= characters
  }
  return labels
}

/** Returns the latest exemplar of each classic bucket, the last of which is +Inf. */
export function exemplarsByBucket(exemplars: Exemplars, boundaries: readonly number[]): (Exemplar | undefined)[] {
  const byBucket: (Exemplar | undefined)[] = Array.from({ length: boundaries.length + 1 })
  for (const exemplar of exemplars) {
    if (exemplar === undefined || !Number.isFinite(exemplar.value)) continue
    const found = boundaries.findIndex((boundary) => exemplar.value <= boundary)
    const index = found < 0 ? boundaries.length : found
    const known = byBucket[index]
    if (known === undefined || known.timestampMs <= exemplar.timestampMs) byBucket[index] = exemplar
  }
  return byBucket
}

export function latestExemplar(exemplars: Exemplars): Exemplar | undefined {
  let latest: Exemplar | undefined
  for (const exemplar of exemplars) {
    if (exemplar === undefined || !Number.isFinite(exemplar.value)) continue
    if (latest === undefined || latest.timestampMs <= exemplar.timestampMs) latest = exemplar
  }
  return latest
}

function charactersOf(labels: readonly (readonly [string, string])[]): number {
  return labels.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
}
