/**
 * Returns an attribute as text, for Zipkin. Maps and lists that contain maps become JSON: `String()` would call their
 * member `toString`, which is data.
 * https://opentelemetry.io/docs/specs/otel/common/#anyvalue-representation-for-non-otlp-protocols
 */
export function tagText(value: unknown): string {
  return hasMap(value) ? JSON.stringify(value) : String(value)
}

function hasMap(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasMap)
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
}
