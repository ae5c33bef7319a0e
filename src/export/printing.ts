import { type Context, TraceFlags } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace'
import { writeLines } from '../base/diag.ts'
import { type Painter, treeOf } from './span-tree.ts'

/** The most spans that are printed of one request. */
const MAX_SPANS = 500
/** The most requests tracked at once; the oldest are discarded. */
const MAX_REQUESTS = 1000
const DEFAULT_COLUMNS = 100

/** The spans of one trace below its local root span. */
interface Request {
  readonly rootId: string
  readonly spans: ReadableSpan[]
}

/** `OBS_PRINT`: writes each finished request, message or job to stderr as a tree of its spans. */
export class PrintingSpanProcessor implements SpanProcessor {
  readonly #redact: (span: ReadableSpan) => void
  readonly #requests = new Map<string, Request>()

  /** `redact` removes secrets from a span, as for an exporter. */
  constructor(redact: (span: ReadableSpan) => void) {
    this.#redact = redact
  }

  onStart(span: Span, _parentContext: Context): void {
    const { traceId, spanId } = span.spanContext()
    // When a service calls itself, the inner request belongs to the outer one.
    if (this.#requests.has(traceId)) return
    this.#requests.set(traceId, { rootId: spanId, spans: [] })
    if (this.#requests.size > MAX_REQUESTS) {
      const [oldest = ''] = this.#requests.keys()
      this.#requests.delete(oldest)
    }
  }

  onEnd(span: ReadableSpan): void {
    const { traceId, traceFlags } = span.spanContext()
    if ((traceFlags & TraceFlags.SAMPLED) !== 0) this.take(span)
    else this.#requests.delete(traceId)
  }

  /** Takes a span whether or not it is sampled: the caller has decided to keep it. */
  take(span: ReadableSpan): void {
    const { traceId, spanId } = span.spanContext()
    const request = this.#requests.get(traceId)
    if (request === undefined) return
    this.#redact(span)
    if (request.spans.length < MAX_SPANS || request.rootId === spanId) request.spans.push(span)
    if (request.rootId !== spanId) return
    this.#requests.delete(traceId)
    // Printed in a later turn: not inside the app's call, and together with children that end in this turn.
    setImmediate(() => print(request)).unref()
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

function print({ rootId, spans }: Request): void {
  const { isTTY, columns } = process.stderr
  const nodes = spans.map((span) => ({
    id: span.spanContext().spanId,
    parentId: span.parentSpanContext?.spanId,
    name: span.name,
    startMs: hrTimeToMilliseconds(span.startTime),
    durationMs: hrTimeToMilliseconds(span.duration),
    failed: span.status.code === 2,
    note: noteOf(span),
  }))
  writeLines(treeOf(nodes, rootId, columns ?? DEFAULT_COLUMNS, isTTY ? COLOURS : PLAIN))
}

const PLAIN: Painter = (_, text) => text
const CODES = { failed: 31, dim: 2, bold: 1 }
const COLOURS: Painter = (style, text) => `\u001B[${CODES[style]}m${text}\u001B[0m`

/** Returns what is shown beside the name: status and path of a request, the statement, the error. */
function noteOf({ attributes, status }: ReadableSpan): string {
  const shown = ['http.response.status_code', 'url.path', 'server.address', 'db.query.text', 'error.type']
  const values = shown.map((name) => attributes[name]).filter((value) => value !== undefined)
  return [...values, ...(status.message === undefined ? [] : [status.message])].join(' ')
}
