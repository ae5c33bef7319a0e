import type { InspectedProcess } from '../base/inspection.ts'
import type { BatchFeed, TelemetryBatch } from '../export/recent-batches.ts'

/** What a member sends while somebody looks at the page. */
export interface WatchListener {
  readonly onBatch: (batch: TelemetryBatch) => void
  readonly onInspection: (inspection: InspectedProcess) => void
}

/** The connection of a member, as far as its batches are wanted. */
export interface WatchedMember {
  /** Asks for what the member keeps, for each batch from now on, and for what it says of itself. */
  watch(listener: WatchListener): void
  unwatch(): void
}

/** The batches of all processes of a service, and what those other than this one say of themselves. */
export interface ServiceFeed extends BatchFeed {
  readonly others: readonly InspectedProcess[]
}

/** The batches of all processes of a fleet, for a page that the leader of the side port serves. */
export class FleetFeed implements ServiceFeed {
  readonly #own: BatchFeed
  readonly #members = new Map<WatchedMember, InspectedProcess | undefined>()
  readonly #listeners = new Set<(batch: TelemetryBatch) => void>()

  constructor(own: BatchFeed) {
    this.#own = own
  }

  get tooLarge(): number {
    return this.#own.tooLarge
  }

  get others(): readonly InspectedProcess[] {
    return [...this.#members.values()].filter((each) => each !== undefined)
  }

  /**
   * Each subscriber has all members send once more what they keep: the others get those batches twice, which readers tell
   * by the ids of the spans.
   */
  subscribe(listener: (batch: TelemetryBatch) => void): () => void {
    const unsubscribe = this.#own.subscribe(listener)
    this.#listeners.add(listener)
    for (const member of this.#members.keys()) this.#watch(member)
    return () => {
      unsubscribe()
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) for (const member of this.#members.keys()) member.unwatch()
    }
  }

  /** A member has come; `gone` settles when it leaves. */
  admit(member: WatchedMember, gone: Promise<void>): void {
    this.#members.set(member, undefined)
    if (this.#listeners.size > 0) this.#watch(member)
    void gone.then(() => this.#members.delete(member))
  }

  #watch(member: WatchedMember): void {
    member.watch({
      onBatch: (batch) => {
        for (const listener of this.#listeners) listener(batch)
      },
      onInspection: (inspection) => {
        if (this.#members.has(member)) this.#members.set(member, inspection)
      },
    })
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
