import type { InspectedProcess } from '../base/inspection.ts'
import type { BatchFeed, TelemetryBatch } from '../export/recent-batches.ts'

/** Receives what a member sends while the page is open. */
export interface WatchListener {
  readonly onBatch: (batch: TelemetryBatch) => void
  readonly onInspection: (inspection: InspectedProcess) => void
}

/** The part of a member's connection that the page needs. */
export interface WatchedMember {
  /** Requests the batches that the member retains, each further batch, and its inspection. */
  watch(listener: WatchListener): void
  unwatch(): void
}

/** The batches of all processes of a service, and the inspections of those other than this one. */
export interface ServiceFeed extends BatchFeed {
  readonly others: readonly InspectedProcess[]
}

/** Collects the batches of all processes of a fleet, for the page that its leader serves. */
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
   * Adds a subscriber. All members then resend the batches that they retain; earlier subscribers receive these twice
   * and recognise them by their span ids.
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

  /** Adds a member until `gone` settles. */
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

/** Encodes a batch as the body of a frame: signal, format, bytes. */
export function batchToBody({ signal, format, body }: TelemetryBatch): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + body.byteLength)
  bytes[0] = SIGNALS.indexOf(signal)
  bytes[1] = FORMATS.indexOf(format)
  bytes.set(body, HEAD_BYTES)
  return bytes
}

/** Decodes a batch. Throws when it is malformed. */
export function bodyToBatch(bytes: Uint8Array): TelemetryBatch {
  const signal = SIGNALS[bytes[0] ?? -1]
  const format = FORMATS[bytes[1] ?? -1]
  if (signal === undefined || format === undefined) throw new Error('not a batch')
  return { signal, format, body: bytes.slice(HEAD_BYTES) }
}
