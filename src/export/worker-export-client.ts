import type { Worker } from 'node:worker_threads'
import { load } from '../base/chunks.ts'
import { reasonOf, warn } from '../base/diag.ts'
import type { LogLevel, SamplingStrategy } from '../settings/settings.ts'
import { untracedWhereWatched } from '../sdk/untraced.ts'
import { hasNoExitExport, whyNoWorker } from './why-no-worker.ts'
import type { AppThreadExporter } from './app-thread.ts'
import { type Interlude, Ledger } from './ledger.ts'
import {
  type PollRequest,
  type Batch,
  type SettingsByRoute,
  type ShutdownRequest,
  type ExportWorkerData,
  type Route,
  signalItems,
  type WorkerMessage,
} from './worker-messages.ts'
import type { Poll } from './strategy-poller.ts'
import { RateLimitedLog } from './rate-limited-log.ts'

/** Limits restarts when the worker keeps exiting. */
const RESTART_AFTER_MS = 5000

export interface WorkerExportClientOptions {
  readonly settingsByRoute: SettingsByRoute
  readonly maxRetainedBytes: number
  /** Larger batches are split before they are sent. */
  readonly maxExportBytes: number
  readonly logLevel: LogLevel
  readonly exitFlushTimeoutMs: number
}

type Exporter = Worker | AppThreadExporter

/** Exports serialised batches and accounts for their items. */
export interface ExportClient {
  readonly ledger: Ledger
  /** Whether nothing can be sent any more once the event loop is empty. */
  readonly endsWithLoop: boolean
  /** Announces that a batch will follow, so that slow preparations can begin. */
  prepare(): void
  send(route: Route, body: Uint8Array<ArrayBuffer>, items: number): void
  /** Starts polling the sampling server; `follow` receives each new strategy. */
  ask(poll: Poll, follow: (strategy: SamplingStrategy) => void): void
  /** Returns why exports of a route fail; undefined while they succeed and before the first one. */
  trouble(route: Route): string | undefined
  /**
   * Blocks until every batch is settled or `timeoutMs` have passed. Called at the end of the process. Returns why what
   * is unsettled could not be waited for; undefined when it was.
   */
  endSync(timeoutMs: number, interlude?: Interlude): string | undefined
}

/**
 * Hands serialised batches to the export worker, which is started before the first of them. The transports live there:
 * the app's event loop never waits for a collector, and the last batches are sent while this thread blocks in an `exit`
 * handler.
 */
export class WorkerExportClient implements ExportClient {
  readonly ledger: Ledger = new Ledger()
  readonly endsWithLoop: boolean = hasNoExitExport()
  readonly #options: WorkerExportClientOptions
  readonly #log = new RateLimitedLog(warn)
  #worker: Exporter | undefined
  #startableAtMs = 0
  #inAppThread: AppThreadExporter | undefined
  /** Why the worker exited, until the next one is started. */
  #goneBecause = ''
  readonly #troubles = new Map<Route, string | undefined>()
  #asked: { readonly poll: Poll; readonly follow: (strategy: SamplingStrategy) => void } | undefined

  constructor(options: WorkerExportClientOptions) {
    this.#options = options
  }

  /**
   * Starts the worker ahead of the first batch: it takes longer to start than a batch to be sent, which matters in
   * short processes.
   */
  prepare(): void {
    try {
      this.#running()
    } catch {
      // The failure is reported with the first batch.
    }
  }

  send(route: Route, body: Uint8Array<ArrayBuffer>, items: number): void {
    const batch: Batch = { route, body, items }
    // Read before the body is transferred, which leaves it with length 0.
    const accounted = { route, items, body: { byteLength: body.byteLength } }
    this.ledger.accept(accounted)
    try {
      this.#running().postMessage(batch, [body.buffer])
    } catch (thrown) {
      this.ledger.settle(accounted, 'no_worker')
      this.#log.write(
        `unsent ${route}`,
        (count) => `${signalItems(route, count)} dropped, the export worker could not be started (${reasonOf(thrown)})`,
        items,
      )
    }
  }

  /** Makes the worker poll for sampling strategies, and starts it if necessary. */
  ask(poll: Poll, follow: (strategy: SamplingStrategy) => void): void {
    this.#asked = { poll, follow }
    if (this.#worker === undefined) this.#running()
    else this.#askIn(this.#worker)
  }

  #askIn(exporter: Exporter): void {
    if (this.#asked === undefined) return
    exporter.postMessage({ poll: this.#asked.poll } satisfies PollRequest, [])
  }

  trouble(route: Route): string | undefined {
    return this.#troubles.get(route)
  }

  #receive(message: WorkerMessage): void {
    if ('strategy' in message) this.#asked?.follow(message.strategy)
    else this.#troubles.set(message.route, message.trouble)
  }

  endSync(timeoutMs: number, interlude?: Interlude): string | undefined {
    this.#log.flush()
    if (this.ledger.pending === 0) return undefined
    if (this.#inAppThread !== undefined) return this.#inAppThread.endSync(timeoutMs)
    this.#worker?.postMessage({ endsAtMs: Date.now() + timeoutMs } satisfies ShutdownRequest, [])
    this.ledger.waitUntilSettled(timeoutMs, interlude)
    return undefined
  }

  #running(): Exporter {
    if (this.#worker !== undefined) return this.#worker
    if (performance.now() < this.#startableAtMs) throw new Error(this.#goneBecause)
    try {
      return (this.#worker = untracedWhereWatched(() => this.#start()))
    } catch (thrown) {
      this.#goneBecause = reasonOf(thrown)
      throw thrown
    }
  }

  #start(): Exporter {
    this.#startableAtMs = performance.now() + RESTART_AFTER_MS
    const noWorker = whyNoWorker()
    if (noWorker !== undefined) return this.#startInAppThread(noWorker)
    const workerData: ExportWorkerData = {
      isExportWorker: true,
      ledger: this.ledger.buffer,
      logLevel: this.#options.logLevel,
      settingsByRoute: this.#options.settingsByRoute,
      maxRetainedBytes: this.#options.maxRetainedBytes,
      maxExportBytes: this.#options.maxExportBytes,
    }
    let worker: Worker
    try {
      worker = startWorker(workerData)
    } catch (thrown) {
      return this.#startInAppThread(reasonOf(thrown))
    }
    worker.on('message', (message: WorkerMessage) => this.#receive(message))
    // Adding a `message` listener refs the worker, so `unref` comes after it.
    worker.unref()
    let reason = 'it ended by itself'
    worker.on('error', (thrown) => (reason = reasonOf(thrown)))
    worker.on('exit', () => this.#died(worker, reason))
    this.#askIn(worker)
    return worker
  }

  /** Falls back to the app's event loop, and at the end of the process to a child process. */
  #startInAppThread(reason: string): AppThreadExporter {
    const loss = this.endsWithLoop ? ', which loses what is unsent when the process does not end by itself' : ''
    warn(`the export worker could not be started (${reason}); exporting in the app's thread instead${loss}`)
    const { exportInAppThread } = load<typeof import('./app-thread.ts')>('app-thread-export')
    const { exitFlushTimeoutMs, ...options } = this.#options
    const exporter = exportInAppThread(
      { ...options, ledger: this.ledger.buffer, holdMs: this.endsWithLoop ? exitFlushTimeoutMs : 0 },
      (message) => this.#receive(message),
    )
    this.#inAppThread = exporter
    this.#askIn(exporter)
    return exporter
  }

  #died(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#goneBecause = reason
    const lost = this.ledger.abandon()
    this.#log.write(
      'gone',
      (count) => `the export worker exited (${reason}); ${count} items dropped; it is restarted with the next batch`,
      lost,
    )
  }
}

/**
 * Starts the worker. Throws when `process` is frozen, which Node.js writes to for threads, or the working directory is
 * gone.
 */
function startWorker(workerData: ExportWorkerData): Worker {
  // A thread asks for the working directory at its start and would exit at once without one.
  process.cwd()
  const threads = require('node:worker_threads') as typeof import('node:worker_threads')
  return new threads.Worker(`${__dirname}/export-worker.cjs`, {
    name: 'paxx-obs-export',
    workerData,
    // Passes on none of the app's flags and preloads.
    execArgv: [],
    // The batches are outside the heap; a larger young generation would only keep garbage for longer.
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
    stdin: false,
    stdout: false,
    stderr: false,
    trackUnmanagedFds: false,
  })
}
