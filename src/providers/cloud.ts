import type { Worker } from 'node:worker_threads'
import { debug, reasonOf, warn } from '../base/diag.ts'
import type { CloudDetector } from '../settings/settings.ts'

export type CloudAttributes = Readonly<Record<string, string | number | boolean>>

/** What the worker says: what one detector found. */
export interface CloudFound {
  readonly detector: CloudDetector
  readonly attributes: CloudAttributes
}

/** So long the first batches wait for it. */
const HOLD_MS = 1000
/** Metadata services that are there answer within milliseconds. */
const GIVE_UP_MS = 10_000

/**
 * Asks the metadata services that `OTEL_NODE_RESOURCE_DETECTORS` names, on a thread of its own: the requests are no part of
 * the app's telemetry, keep no process alive and cost its event loop nothing.
 */
export class CloudDetection {
  /** Fulfilled when all are asked, and after a second at the latest. */
  readonly settled: Promise<void>
  readonly #detectors: readonly CloudDetector[]
  readonly #listeners: ((attributes: CloudAttributes) => void)[] = []
  #settle: () => void = () => {}

  constructor(detectors: readonly CloudDetector[]) {
    this.#detectors = detectors
    this.settled = new Promise((resolve) => (this.#settle = resolve))
  }

  onFound(listener: (attributes: CloudAttributes) => void): void {
    this.#listeners.push(listener)
  }

  start(): void {
    try {
      const worker = this.#startWorker()
      setTimeout(this.#settle, HOLD_MS).unref()
      setTimeout(() => void worker.terminate(), GIVE_UP_MS).unref()
    } catch (thrown) {
      this.#failed(thrown)
    }
  }

  #startWorker(): Worker {
    const threads = require('node:worker_threads') as typeof import('node:worker_threads')
    const worker = new threads.Worker(`${__dirname}/cloud-worker.cjs`, {
      name: 'paxx-obs-cloud',
      workerData: this.#detectors,
      // None of the app's flags and preloads, and nothing of what its libraries print.
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      trackUnmanagedFds: false,
    })
    worker.unref()
    worker.on('message', ({ detector, attributes }: CloudFound) => {
      const names = Object.keys(attributes)
      debug(`resource detector ${detector}: ${names.length === 0 ? 'nothing found' : names.join(', ')}`)
      if (names.length > 0) for (const listener of this.#listeners) listener(attributes)
    })
    worker.on('error', (thrown) => this.#failed(thrown))
    worker.on('exit', () => this.#settle())
    return worker
  }

  #failed(thrown: unknown): void {
    warn(`the cloud could not be asked (${reasonOf(thrown)}); the resource goes without what it knows`)
    this.#settle()
  }
}
