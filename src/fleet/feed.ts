import type { BatchFeed, TelemetryBatch } from '../export/recent-batches.ts'

/** The connection of a member, as far as its batches are wanted. */
export interface WatchedMember {
  /** Asks for what the member keeps and for each batch from now on. */
  watch(listener: (batch: TelemetryBatch) => void): void
  unwatch(): void
}

/** The batches of all processes of a fleet, for a page that the holder of the side port serves. */
export class FleetFeed implements BatchFeed {
  readonly #own: BatchFeed
  readonly #members = new Set<WatchedMember>()
  readonly #listeners = new Set<(batch: TelemetryBatch) => void>()

  constructor(own: BatchFeed) {
    this.#own = own
  }

  /**
   * Each subscriber has all members send once more what they keep: the others get those batches twice, which readers tell
   * by the ids of the spans.
   */
  subscribe(listener: (batch: TelemetryBatch) => void): () => void {
    const unsubscribe = this.#own.subscribe(listener)
    this.#listeners.add(listener)
    for (const member of this.#members) member.watch(this.#pass)
    return () => {
      unsubscribe()
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) for (const member of this.#members) member.unwatch()
    }
  }

  /** A member has come; `gone` settles when it leaves. */
  admit(member: WatchedMember, gone: Promise<void>): void {
    this.#members.add(member)
    if (this.#listeners.size > 0) member.watch(this.#pass)
    void gone.then(() => this.#members.delete(member))
  }

  readonly #pass = (batch: TelemetryBatch): void => {
    for (const listener of this.#listeners) listener(batch)
  }
}

const SIGNALS = ['traces', 'logs'] as const
const FORMATS = ['protobuf', 'json', 'zipkin'] as const
const HEAD_BYTES = 2

/** A batch as the body of a frame: signal, format, bytes. */
export function batchToBody({ signal, format, body }: TelemetryBatch): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + body.byteLength)
  bytes[0] = SIGNALS.indexOf(signal)
  bytes[1] = FORMATS.indexOf(format)
  bytes.set(body, HEAD_BYTES)
  return bytes
}

/** Throws on what no member of this version sends. */
export function bodyToBatch(bytes: Uint8Array): TelemetryBatch {
  const signal = SIGNALS[bytes[0] ?? -1]
  const format = FORMATS[bytes[1] ?? -1]
  if (signal === undefined || format === undefined) throw new Error('not a batch')
  return { signal, format, body: bytes.slice(HEAD_BYTES) }
}
