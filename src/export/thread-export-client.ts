import type { ExportClient } from './worker-export-client.ts'
import { Ledger } from './ledger.ts'
import type { Batch, Route } from './worker-messages.ts'

/** What a worker thread of the app needs to export through the main thread. */
export interface Upstream {
  /** The buffer of the main thread's ledger. */
  readonly ledger: SharedArrayBuffer
  /** Sends a batch to the main thread. It arrives even if this thread is terminated at once. */
  readonly post: (batch: Batch) => void
}

/** Exports from a worker thread of the app: hands batches to the main thread, which also waits for them at exit. */
export class ThreadExportClient implements ExportClient {
  readonly ledger: Ledger
  /** False, since the main thread exports what was posted. */
  readonly endsWithLoop: boolean = false
  readonly #post: Upstream['post']

  constructor({ ledger, post }: Upstream) {
    this.ledger = new Ledger(ledger)
    this.#post = post
  }

  send(route: Route, body: Uint8Array<ArrayBuffer>, items: number): void {
    // Posting a view would copy all of the memory behind it.
    this.#post({ route, body: body.byteLength === body.buffer.byteLength ? body : body.slice(), items })
  }

  /** Does nothing, since the main thread prepares its own export. */
  prepare(): void {}

  /** Does nothing, since the main thread polls and passes on the strategies that it receives. */
  ask(): void {}

  /** Returns undefined, since only the main thread knows. */
  trouble(): undefined {}

  endSync(): undefined {}
}
