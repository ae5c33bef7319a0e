import { reasonOf, warn } from '../diag.ts'
import type { BatchSettings, Signal } from '../settings/settings.ts'
import type { Courier } from './courier.ts'
import { Telling } from './telling.ts'

export type Serialize<Item> = (items: Item[]) => Uint8Array<ArrayBuffer> | undefined

/**
 * A bounded queue that leaves in batches: when one is full, and `scheduleDelayMs` after the first item. Nothing in it is
 * asynchronous, so that an end of the process can drain it.
 */
export class Batcher<Item> {
  readonly signal: Signal
  readonly #settings: BatchSettings
  readonly #serialize: Serialize<Item>
  readonly #courier: Courier
  /** One each: a line that waits for its minute is not displaced by the other's. */
  readonly #tellingDropped = new Telling(warn)
  readonly #tellingFailed = new Telling(warn)
  #queue: Item[] = []
  #taken = 0
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  #full: NodeJS.Immediate | undefined
  #isHeld = false

  constructor(signal: Signal, settings: BatchSettings, serialize: Serialize<Item>, courier: Courier) {
    this.signal = signal
    this.#settings = settings
    this.#serialize = serialize
    this.#courier = courier
  }

  get size(): number {
    return this.#queue.length
  }

  get capacity(): number {
    return this.#settings.maxQueueSize
  }

  /** How many items left the queue towards the collector. */
  get taken(): number {
    return this.#taken
  }

  add(item: Item): void {
    if (this.#queue.length >= this.#settings.maxQueueSize) {
      this.#drop()
      return
    }
    this.#queue.push(item)
    if (this.#isHeld && this.#queue.length < this.#settings.maxQueueSize / 2) return
    if (this.#queue.length >= this.#settings.maxExportBatchSize) {
      // Not inside the app's call that ended a span.
      if (this.#full === undefined) this.#full = setImmediate(() => this.#sendFullBatches()).unref()
    } else {
      this.#startTimer()
    }
  }

  /** Nothing leaves before, unless half of the queue is taken or it is drained. */
  async holdUntil(settled: Promise<void>): Promise<void> {
    this.#isHeld = true
    await settled
    this.#isHeld = false
    if (this.#queue.length > 0) this.#sendFullBatches()
  }

  /** Hands everything queued to the courier, now. */
  drain(): void {
    this.#stopTimer()
    while (this.#queue.length > 0) this.#send()
  }

  #drop(): void {
    this.#courier.ledger.count(this.signal, 'queue_full', 1)
    // The line is a minute's; a burst pays for the counting alone.
    if (this.#dropped++ > 0) return
    setImmediate(() =>
      this.#tellingDropped.say(() => {
        const dropped = this.#dropped
        this.#dropped = 0
        return `${this.signal}: ${dropped} dropped, more than ${this.#settings.maxQueueSize} were waiting to be sent`
      }),
    ).unref()
  }

  #sendFullBatches(): void {
    this.#full = undefined
    while (this.#queue.length >= this.#settings.maxExportBatchSize) this.#send()
    if (this.#queue.length === 0) this.#stopTimer()
    else this.#startTimer()
  }

  /** The delay counts from the first item that waits. */
  #startTimer(): void {
    this.#timer ??= setTimeout(() => this.drain(), this.#settings.scheduleDelayMs).unref()
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #send(): void {
    const items = this.#queue.splice(0, this.#settings.maxExportBatchSize)
    try {
      const body = this.#serialize(items)
      if (body === undefined) throw new Error('the serializer gave nothing')
      this.#courier.send(this.signal, body, items.length)
      this.#taken += items.length
    } catch (thrown) {
      // Called from a timer: what is thrown here would end the app.
      this.#courier.ledger.count(this.signal, 'failed', items.length)
      this.#tellingFailed.say(
        () => `${this.signal}: ${items.length} could not be serialized (${reasonOf(thrown)}) and are lost`,
      )
    }
  }
}
