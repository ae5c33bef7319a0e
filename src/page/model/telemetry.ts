/** Spans and log records as the page shows them, whatever format they came in. Times are milliseconds since the epoch. */

export type Attributes = Readonly<Record<string, OtlpValue>>
export type OtlpValue = string | number | boolean | null | readonly OtlpValue[] | { readonly [key: string]: OtlpValue }

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | undefined
  /** The parent is a span of another process, whose spans need not come here; undefined where the format does not say. */
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
  /** The library that made it. */
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

/** An attribute as text; the empty string where there is none. */
/** The name of a span or event for people: never empty, so that it can be seen and chosen. */
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
