import { reasonOf, warn } from '../base/diag.ts'
import type { BatchSettings } from '../settings/settings.ts'
import type { ExportClient } from './worker-export-client.ts'
import { MAX_SPAN_BYTES } from './cut-span.ts'
import { type Route, signalOf } from './messages.ts'
import { RateLimitedLog } from './rate-limited-log.ts'

/** The items of one batch on their way into the bytes that are sent. */
export interface Encoder<Item> {
  /** Throws, and is as before, when there is no encoding for the item. */
  add(item: Item): void
  /** All of them; empty again afterwards. */
  finish(): Uint8Array<ArrayBuffer>
  /** What its items take, at least about. */
  readonly sizeBytes: number
}

/** In bytes. */
export interface BatchBounds {
  /** A batch is closed before it is larger than that, unless it is one item. */
  readonly maxExportBytes: number
  /** Bound on what is queued here and held by the export client, together; more is dropped. */
  readonly maxRetainedBytes: number
}

/** The share of the queue that is open to parts: the spans of one request must not push out the span of the request itself. */
const UNRESERVED = 15 / 16

/** A batch, open or on its way. */
interface Batch<Item> {
  readonly encoder: Encoder<Item>
  items: number
  bytes: number
}

/**
 * A bounded queue that leaves in batches: when one is full, and `scheduleDelayMs` after the first item; or, where nothing may
 * be left behind, `promptly`: before the app's thread does anything else. Nothing in it is asynchronous, so that an end of
 * the process can drain it.
 */
export class Batcher<Item> {
  readonly route: Route
  readonly #settings: BatchSettings
  readonly #createEncoder: () => Encoder<Item>
  readonly #exportClient: ExportClient
  readonly #bounds: BatchBounds
  readonly #promptly: boolean
  readonly #log = new RateLimitedLog(warn)
  readonly #full: Batch<Item>[] = []
  #open: Batch<Item> | undefined
  /** Of a batch that was sent, for the next. */
  #spare: Encoder<Item> | undefined
  #size = 0
  #bytes = 0
  #taken = 0
  #dropped = 0
  /** What the queue was full of when the first of these was dropped. */
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

  /** How many items left the queue towards the collector. */
  get taken(): number {
    return this.#taken
  }

  /** `isPart`: of something larger whose own item comes later. Part of the queue is reserved for those. */
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
      // The app's call that ended a span.
      this.#fail(1, thrown)
    }
    if (this.#isHeld && this.#size < this.#settings.maxQueueSize / 2) return
    if (this.#promptly) {
      if (this.#size === 1) queueMicrotask(() => this.drain())
    } else if (this.#full.length > 0) this.#sendSoon()
    else this.#startTimer()
  }

  /** Nothing leaves before, unless half of the queue is taken or it is drained. */
  async holdUntil(settled: Promise<void>): Promise<void> {
    this.#isHeld = true
    await settled
    this.#isHeld = false
    if (this.#size > 0) this.#sendFull()
  }

  /** Hands everything queued to the export client, now. */
  drain(): void {
    if (this.#open !== undefined && this.#open.items > 0) this.#close(this.#open)
    this.#sendFull()
  }

  /** Logs all drops that are not logged yet, at the end of the process. */
  logDropped(): void {
    this.#logDropped()
    this.#log.flush()
  }

  #close(batch: Batch<Item>): void {
    this.#full.push(batch)
    this.#open = undefined
  }

  /** Not inside the app's call that ended a span. */
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

  /** `limit`: what the queue is full of. */
  #drop(limit: string): void {
    this.#exportClient.ledger.count(this.route, 'queue_full', 1)
    // A burst pays for the counting alone.
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
      (count) => `${signalOf(this.route)}: ${count} dropped, the queue is full (${limit})`,
      dropped,
    )
  }

  /** The delay counts from the first item that waits. */
  #startTimer(): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.drain(), this.#settings.scheduleDelayMs).unref()
    // Not inside the app's call, either.
    setImmediate(() => this.#exportClient.prepare()).unref()
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Bytes that wait anywhere between here and the collector; a full queue of small items never comes near it. */
  #isFullOfBytes(share: number): boolean {
    const { maxExportBytes, maxRetainedBytes } = this.#bounds
    if (this.#bytes < maxExportBytes) return false
    return this.#bytes + this.#exportClient.ledger.retainedBytes > Math.max(maxRetainedBytes, maxExportBytes) * share
  }

  #send({ encoder, items, bytes }: Batch<Item>): void {
    this.#size -= items
    this.#bytes -= bytes
    try {
      this.#exportClient.send(this.route, encoder.finish(), items)
      this.#taken += items
      this.#spare = encoder
    } catch (thrown) {
      // Called from a timer: what is thrown here would end the app.
      this.#fail(items, thrown)
    }
  }

  #fail(items: number, thrown: unknown): void {
    this.#exportClient.ledger.count(this.route, 'failed', items)
    this.#log.write(
      'failed',
      (count) => `${signalOf(this.route)}: ${count} dropped, they could not be serialized (${reasonOf(thrown)})`,
      items,
    )
  }
}
