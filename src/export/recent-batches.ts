import type { OtlpSettings } from '../settings/settings.ts'
import type { Courier } from './courier.ts'
import type { Route } from './messages.ts'

/** A serialised batch, as a collector gets it. */
export interface TelemetryBatch {
  readonly signal: 'traces' | 'logs'
  readonly format: 'protobuf' | 'json' | 'zipkin'
  readonly body: Uint8Array
}

/** A source of the batches of one process, or of all processes of a service. */
export interface BatchFeed {
  /** Calls `listener` for each kept batch at once and for each later one as it leaves; returns what ends that. */
  subscribe(listener: (batch: TelemetryBatch) => void): () => void
}

/**
 * Keeps copies of the last batches, at most `maxBytes` of them, for the page of the side port: what it shows first was
 * recorded before anybody opened it.
 */
export class RecentBatches implements BatchFeed {
  readonly #maxBytes: number
  readonly #kept: TelemetryBatch[] = []
  #keptBytes = 0
  readonly #listeners = new Set<(batch: TelemetryBatch) => void>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get keptBytes(): number {
    return this.#keptBytes
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0
  }

  subscribe(listener: (batch: TelemetryBatch) => void): () => void {
    for (const batch of this.#kept) listener(batch)
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Copies `body`, which its owner transfers to another thread afterwards. */
  add(signal: TelemetryBatch['signal'], format: TelemetryBatch['format'], body: Uint8Array): void {
    const isKept = body.byteLength <= this.#maxBytes
    if (!isKept && !this.isWatched) return
    const batch = { signal, format, body: body.slice() }
    if (isKept) this.#keep(batch)
    for (const listener of this.#listeners) listener(batch)
  }

  #keep(batch: TelemetryBatch): void {
    this.#kept.push(batch)
    this.#keptBytes += batch.body.byteLength
    while (this.#keptBytes > this.#maxBytes) this.#keptBytes -= this.#kept.shift()?.body.byteLength ?? 0
  }
}

const FORMATS: Readonly<Record<OtlpSettings['protocol'], TelemetryBatch['format']>> = {
  grpc: 'protobuf',
  'http/protobuf': 'protobuf',
  'http/json': 'json',
  zipkin: 'zipkin',
}

/** Makes `courier` copy what it sends to `recent`: every route but metrics, and traces once where two exporters take them. */
export function watchCourier(
  courier: Courier,
  recent: RecentBatches,
  protocols: Readonly<Partial<Record<Route, OtlpSettings>>>,
): Courier {
  const { send } = courier
  const isSecond = (route: Route): boolean => route === 'zipkin' && protocols.traces !== undefined
  courier.send = function (route, body, items) {
    const protocol = protocols[route]?.protocol
    if (protocol !== undefined && route !== 'metrics' && !isSecond(route)) {
      recent.add(route === 'logs' ? 'logs' : 'traces', FORMATS[protocol], body)
    }
    send.call(courier, route, body, items)
  }
  return courier
}
