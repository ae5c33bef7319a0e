import type { HrTime } from '@opentelemetry/api'

/** Formats a sample's value. */
export function numberText(value: number): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

/**
 * Formats a bucket's bound for OpenMetrics, always recognisable as floating point and spelled as in Go
 * (https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md#considerations-canonical-numbers).
 */
export function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) return numberText(value)
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e6)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  }
  const text = String(value)
  return text.includes('.') ? text : `${text}.0`
}

/** Formats seconds since the epoch with milliseconds. */
export function secondsText([seconds, nanos]: HrTime): string {
  return `${seconds}.${String(Math.floor(nanos / 1e6)).padStart(3, '0')}`
}

export function secondsOfMs(timestampMs: number): string {
  return (timestampMs / 1000).toFixed(3)
}
