import type { Worker } from 'node:worker_threads'
import { reasonOf, warn } from '../diag.ts'
import type { LogLevel, OtlpSettings, Signal } from '../settings/settings.ts'
import { Ledger } from './ledger.ts'
import type { Batch, ExportWorkerData } from './messages.ts'

export interface CourierOptions {
  readonly destinations: Readonly<Partial<Record<Signal, OtlpSettings>>>
  readonly maxRetainedBytes: number
  readonly logLevel: LogLevel
}

/**
 * Hands serialised batches to the export worker, which is started with the first of them. The transports live there: the
 * app's event loop never waits for a collector, and the last batches leave while this thread is blocked in an `exit`.
 */
export class Courier {
  readonly ledger: Ledger = new Ledger()
  readonly #options: CourierOptions
  #worker: Worker | undefined

  constructor(options: CourierOptions) {
    this.#options = options
  }

  send(signal: Signal, body: Uint8Array<ArrayBuffer>, items: number): void {
    const bytes = body.byteLength
    const batch: Batch = { signal, body, items }
    this.ledger.accept(bytes)
    try {
      this.#worker ??= this.#start()
      this.#worker.postMessage(batch, [body.buffer])
    } catch (thrown) {
      this.ledger.settle(bytes)
      this.ledger.count(signal, 'failed', items)
      warn(`the export worker could not be started (${reasonOf(thrown)}); ${items} items of ${signal} are lost`)
    }
  }

  /** Tells the worker that this is the end, and blocks until it has settled everything or the time is over. */
  endSync(timeoutMs: number): void {
    if (this.ledger.pending === 0) return
    this.#worker?.postMessage('end')
    this.ledger.waitUntilSettled(timeoutMs)
  }

  #start(): Worker {
    const workerData: ExportWorkerData = {
      ledger: this.ledger.buffer,
      logLevel: this.#options.logLevel,
      destinations: this.#options.destinations,
      maxRetainedBytes: this.#options.maxRetainedBytes,
    }
    const threads = require('node:worker_threads') as typeof import('node:worker_threads')
    const worker = new threads.Worker(`${__dirname}/export-worker.cjs`, {
      name: 'paxx-obs-export',
      workerData,
      // None of the app's flags and preloads.
      execArgv: [],
      stdin: false,
      stdout: false,
      stderr: false,
      trackUnmanagedFds: false,
    })
    worker.unref()
    worker.on('error', (thrown) => warn(`the export worker failed (${reasonOf(thrown)}); it is started again`))
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }
}
