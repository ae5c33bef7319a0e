/**
 * Spans and log records as the page shows them, independent of the format in which they arrived. Times are milliseconds
 * since the epoch.
 */

export type Attributes = Readonly<Record<string, OtlpValue>>
export type OtlpValue = string | number | boolean | null | readonly OtlpValue[] | { readonly [key: string]: OtlpValue }

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | undefined
  /**
   * Whether the parent belongs to another process, whose spans may not arrive here; undefined if the format does not
   * include it.
   */
  readonly hasRemoteParent: boolean | undefined
  readonly name: string
  readonly kind: SpanKind
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
  readonly failed: boolean
  readonly statusMessage: string
  /** The library that created it. */
  readonly scope: string
  readonly resource: Attributes
}

export interface SpanEvent {
  readonly name: string
  readonly atMs: number
  readonly attributes: Attributes
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: Attributes
}

export interface LogRecord {
  readonly atMs: number
  readonly severity: string
  readonly severityNumber: number
  readonly body: string
  readonly traceId: string | undefined
  readonly spanId: string | undefined
  readonly attributes: Attributes
  readonly resource: Attributes
}

export const SPAN_KINDS: readonly SpanKind[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer']

/** Returns an attribute as text; the empty string if it is missing. */
/** Returns a name to display. It is never empty, so that it can be seen and selected. */
export function nameOf({ name }: { readonly name: string }): string {
  return name.trim() === '' ? '(no name)' : name
}

export function text(attributes: Attributes, ...names: readonly string[]): string {
  for (const name of names) {
    const value = attributes[name]
    if (value !== undefined && value !== null) return typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
  return ''
}
