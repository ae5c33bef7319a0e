import { reasonOf, warn } from '../base/diag.ts'
import type { BatchSettings } from '../settings/settings.ts'
import type { ExportClient } from './worker-export-client.ts'
import { MAX_SPAN_BYTES } from './cut-span.ts'
import { type Route, signalItems } from './worker-messages.ts'
import { RateLimitedLog } from './rate-limited-log.ts'

/** Serialises the items of one batch. */
export interface Encoder<Item> {
  /** Throws when the item cannot be encoded; the encoder then stays as it was. */
  add(item: Item): void
  /** Returns the encoded items and empties the encoder. */
  finish(): Uint8Array<ArrayBuffer>
  /** The approximate size of the encoded items. */
  readonly sizeBytes: number
}

/** Size limits in bytes. */
export interface BatchBounds {
  /** A batch is closed before it grows larger than this, unless it holds a single item. */
  readonly maxExportBytes: number
  /** Limit on what this queue and the export client hold together; further items are dropped. */
  readonly maxRetainedBytes: number
}

/** The share of the queue that is open to child spans, so that they cannot push out the span of the request itself. */
const UNRESERVED = 15 / 16

/** The longest delay in a process that queued batches keep alive until they are sent. */
const MAX_HOLDING_DELAY_MS = 200

/** A batch that is being filled or waits to be sent. */
interface QueuedBatch<Item> {
  readonly encoder: Encoder<Item>
  items: number
  bytes: number
}

/**
 * A bounded queue that exports in batches: when a batch is full, and `scheduleDelayMs` after the first item. With
 * `promptly`, items are exported in the next microtask, so that a worker thread that ends leaves nothing behind.
 * Everything is synchronous, so that the queue can be drained while the process exits.
 */
export class Batcher<Item> {
  readonly route: Route
  readonly #settings: BatchSettings
  readonly #createEncoder: () => Encoder<Item>
  readonly #exportClient: ExportClient
  readonly #bounds: BatchBounds
  readonly #promptly: boolean
  readonly #log = new RateLimitedLog(warn)
  readonly #full: QueuedBatch<Item>[] = []
  #open: QueuedBatch<Item> | undefined
  /** The encoder of a batch that was sent, reused for the next one. */
  #spare: Encoder<Item> | undefined
  #size = 0
  #bytes = 0
  #taken = 0
  #dropped = 0
  /** The limit that the first of the dropped items met. */
  #fullOf = ''
  #timer: NodeJS.Timeout | undefined
  #isSending = false
  #isHeld = false

  constructor(
    route: Route,
    settings: BatchSettings,
    createEncoder: () => Encoder<Item>,
    exportClient: ExportClient,
    bounds: BatchBounds,
    promptly: boolean = false,
  ) {
    this.#bounds = bounds
    this.#promptly = promptly
    this.route = route
    this.#settings = settings
    this.#createEncoder = createEncoder
    this.#exportClient = exportClient
  }

  get size(): number {
    return this.#size
  }

  get capacity(): number {
    return this.#settings.maxQueueSize
  }

  /** The number of items that were handed to the export client. */
  get taken(): number {
    return this.#taken
  }

  /**
   * Queues an item or drops it when the queue is full. `isPart` marks an item whose parent is queued later, and for
   * which part of the queue is reserved.
   */
  add(item: Item, isPart: boolean = false): void {
    const share = isPart ? UNRESERVED : 1
    const { maxQueueSize } = this.#settings
    if (this.#size >= Math.ceil(maxQueueSize * share)) return this.#drop(String(maxQueueSize))
    if (this.#isFullOfBytes(share)) return this.#drop(`${this.#bounds.maxRetainedBytes} bytes`)
    try {
      const open = (this.#open ??= { encoder: this.#spare ?? this.#createEncoder(), items: 0, bytes: 0 })
      this.#spare = undefined
      open.encoder.add(item)
      open.items += 1
      this.#size += 1
      this.#bytes += open.encoder.sizeBytes - open.bytes
      open.bytes = open.encoder.sizeBytes
      const hasRoom =
        open.bytes + MAX_SPAN_BYTES < this.#bounds.maxExportBytes || open.bytes * 2 < this.#bounds.maxExportBytes
      if (open.items >= this.#settings.maxExportBatchSize || !hasRoom) this.#close(open)
    } catch (thrown) {
      // This runs inside the app's call that ended a span, so it must not throw.
      this.#fail(1, thrown)
    }
    if (this.#isHeld && this.#size < this.#settings.maxQueueSize / 2) return
    if (this.#promptly) {
      if (this.#size === 1) queueMicrotask(() => this.drain())
    } else if (this.#full.length > 0) this.#sendSoon()
    else this.#startTimer()
  }

  /** Holds back all batches until the promise settles, unless the queue is half full or is drained. */
  async holdUntil(settled: Promise<void>): Promise<void> {
    this.#isHeld = true
    await settled
    this.#isHeld = false
    if (this.#size > 0) this.#sendFull()
  }

  /** Hands everything queued to the export client at once. */
  drain(): void {
    if (this.#open !== undefined && this.#open.items > 0) this.#close(this.#open)
    this.#sendFull()
  }

  /** Logs all drops that are not logged yet, at the end of the process. */
  logDropped(): void {
    this.#logDropped()
    this.#log.flush()
  }

  #close(batch: QueuedBatch<Item>): void {
    this.#full.push(batch)
    this.#open = undefined
  }

  /** Sends full batches in a later turn of the event loop, not inside the app's call that ended a span. */
  #sendSoon(): void {
    if (this.#isSending) return
    this.#isSending = true
    setImmediate(() => this.#sendFull()).unref()
  }

  #sendFull(): void {
    this.#isSending = false
    for (let batch = this.#full.shift(); batch !== undefined; batch = this.#full.shift()) this.#send(batch)
    if (this.#size === 0) this.#stopTimer()
    else this.#startTimer()
  }

  /** Counts a dropped item. `limit` names the limit of the queue that was reached. */
  #drop(limit: string): void {
    this.#exportClient.ledger.count(this.route, 'queue_full', 1)
    // In a burst of drops, each but the first costs only the counting.
    if (this.#dropped++ > 0) return
    this.#fullOf = limit
    setImmediate(() => this.#logDropped()).unref()
  }

  #logDropped(): void {
    const limit = this.#fullOf
    const dropped = this.#dropped
    this.#dropped = 0
    if (dropped === 0) return
    this.#log.write(
      'dropped',
      (count) => `${signalItems(this.route, count)} dropped, the queue is full (${limit})`,
      dropped,
    )
  }

  /** Starts the delay, which counts from the first queued item. */
  #startTimer(): void {
    if (this.#timer !== undefined) return
    const { scheduleDelayMs } = this.#settings
    const holds = this.#exportClient.endsWithLoop
    this.#timer = setTimeout(
      () => this.drain(),
      holds ? Math.min(scheduleDelayMs, MAX_HOLDING_DELAY_MS) : scheduleDelayMs,
    )
    if (!holds) this.#timer.unref()
    // Preparing the export client must not happen inside the app's call either.
    setImmediate(() => this.#exportClient.prepare()).unref()
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /**
   * Returns whether the byte limit is reached, counting everything between this queue and the collector. A full queue
   * of small items stays far below it.
   */
  #isFullOfBytes(share: number): boolean {
    const { maxExportBytes, maxRetainedBytes } = this.#bounds
    if (this.#bytes < maxExportBytes) return false
    return this.#bytes + this.#exportClient.ledger.retainedBytes > Math.max(maxRetainedBytes, maxExportBytes) * share
  }

  #send({ encoder, items, bytes }: QueuedBatch<Item>): void {
    this.#size -= items
    this.#bytes -= bytes
    try {
      this.#exportClient.send(this.route, encoder.finish(), items)
      this.#taken += items
      this.#spare = encoder
    } catch (thrown) {
      // This is called from a timer, where an exception would end the app.
      this.#fail(items, thrown)
    }
  }

  #fail(items: number, thrown: unknown): void {
    this.#exportClient.ledger.count(this.route, 'failed', items)
    this.#log.write(
      'failed',
      (count) => `${signalItems(this.route, count)} dropped, serialization failed (${reasonOf(thrown)})`,
      items,
    )
  }
}
