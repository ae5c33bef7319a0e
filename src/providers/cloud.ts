import type { Worker } from 'node:worker_threads'
import { debug, reasonOf, warn } from '../base/diag.ts'
import type { CloudDetector } from '../settings/settings.ts'

export type CloudAttributes = Readonly<Record<string, string | number | boolean>>

/** What one detector found, sent by the worker. */
export interface CloudFound {
  readonly detector: CloudDetector
  readonly attributes: CloudAttributes
}

/** The longest time that the first batches wait for the detectors. */
const HOLD_MS = 1000
/** The timeout of the detectors. Where a metadata service exists, it answers within milliseconds. */
const GIVE_UP_MS = 10_000

/**
 * Asks the metadata services named by `OTEL_NODE_RESOURCE_DETECTORS`, on a thread of its own: the requests are not part
 * of the app's telemetry, do not keep the process alive and do not load its event loop.
 */
export class CloudDetection {
  /** Resolves when all detectors have answered, but after a second at the latest. */
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
      // No flags and preloads of the app, and no output of the detectors' libraries.
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
    warn(
      `could not run the cloud resource detectors (${reasonOf(thrown)}); their attributes are missing from the resource`,
    )
    this.#settle()
  }
}
