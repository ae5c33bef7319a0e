import type { ExportClient } from './worker-export-client.ts'
import { Ledger } from './ledger.ts'
import type { Batch, Route } from './messages.ts'

/** What a worker thread of the app needs to export through the main thread. */
export interface Upstream {
  /** The main thread's. */
  readonly ledger: SharedArrayBuffer
  /** What was posted arrives even when this thread is ended at once. */
  readonly post: (batch: Batch) => void
}

/** In a worker thread: hands batches to the main thread, and leaves the waiting to it. */
export class ThreadExportClient implements ExportClient {
  readonly ledger: Ledger
  readonly #post: Upstream['post']

  constructor({ ledger, post }: Upstream) {
    this.ledger = new Ledger(ledger)
    this.#post = post
  }

  send(route: Route, body: Uint8Array<ArrayBuffer>, items: number): void {
    // With a view, all of the memory behind it would be sent.
    this.#post({ route, body: body.byteLength === body.buffer.byteLength ? body : body.slice(), items })
  }

  /** The main thread does. */
  prepare(): void {}

  /** The main thread asks, and passes on what it hears. */
  ask(): void {}

  /** The main thread knows. */
  trouble(): undefined {}

  endSync(): void {}
}
