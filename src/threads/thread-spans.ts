import workerThreads from 'node:worker_threads'
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace'

/** Says of each span which thread of the process made it: semantic conventions, `thread.id` and `thread.name`. */
export class ThreadSpans implements SpanProcessor {
  readonly #attributes: Readonly<Record<string, string | number>>

  constructor() {
    // Node 22.20 and 24.6 on; empty where the app gave none.
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
