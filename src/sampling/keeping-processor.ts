import { type Context, trace } from '@opentelemetry/api'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { LocalTraces } from './local-traces.ts'
import { isSampled } from './samplers.ts'

/** An exporting processor. `onEnd` exports sampled spans, `take` exports any span. */
export interface SpanSink extends SpanProcessor {
  take(span: ReadableSpan): void
}

/** Passes sampled spans to the exporters and the others to `LocalTraces`. */
export class KeepingProcessor implements SpanProcessor {
  readonly #sinks: readonly SpanSink[]
  readonly #localTraces: LocalTraces

  constructor(sinks: readonly SpanSink[], localTraces: LocalTraces) {
    this.#sinks = sinks
    this.#localTraces = localTraces
  }

  onStart(span: Span, parentContext: Context): void {
    if (!isSampled(span.spanContext())) this.#localTraces.start(span, trace.getSpan(parentContext))
  }

  onEnding(span: Span): void {
    if (!isSampled(span.spanContext())) this.#localTraces.ending(span)
  }

  onEnd(span: ReadableSpan): void {
    if (isSampled(span.spanContext())) for (const sink of this.#sinks) sink.onEnd(span)
    else this.#localTraces.end(span)
  }

  /** Spans that are held back are not flushed. */
  async forceFlush(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.forceFlush()))
  }

  async shutdown(): Promise<void> {
    this.#localTraces.decideAll(false)
    await Promise.all(this.#sinks.map((sink) => sink.shutdown()))
  }
}
