import workerThreads from 'node:worker_threads'
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace'

/** Adds the thread to each span: `thread.id` and `thread.name` of the semantic conventions. */
export class ThreadSpans implements SpanProcessor {
  readonly #attributes: Readonly<Record<string, string | number>>

  constructor() {
    // From Node.js 22.20 and 24.6 on; empty when the app set none.
    const { threadId, threadName } = workerThreads as typeof workerThreads & { readonly threadName?: string }
    this.#attributes = { 'thread.id': threadId, ...(threadName ? { 'thread.name': threadName } : {}) }
  }

  onStart(span: Span): void {
    span.setAttributes(this.#attributes)
  }

  onEnd(): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
