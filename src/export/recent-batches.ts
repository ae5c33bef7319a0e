import type { OtlpSettings } from '../settings/settings.ts'
import type { ExportClient } from './worker-export-client.ts'
import type { Route } from './worker-messages.ts'
import type { Part, splitBody } from './split-body.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A serialised batch as it is sent to a collector. */
export interface TelemetryBatch {
  readonly signal: 'traces' | 'logs'
  readonly format: 'protobuf' | 'json' | 'zipkin'
  readonly body: Uint8Array
}

/** A source of the batches of one process, or of all processes of a service. */
export interface BatchFeed {
  /**
   * Calls `listener` for each retained batch at once and for each further one when it is sent. Returns a function that
   * unsubscribes.
   */
  subscribe(listener: (batch: TelemetryBatch) => void): () => void
  /** The number of spans and log records that were not retained because each alone is larger than the buffer. */
  readonly tooLarge: number
}

/**
 * Retains copies of the last batches, at most `maxBytes`, for the page of the side port, so that it can show what was
 * recorded before it was opened.
 */
export class RecentBatches implements BatchFeed {
  readonly #maxBytes: number
  readonly #split: typeof splitBody
  readonly #kept: TelemetryBatch[] = []
  #keptBytes = 0
  #tooLarge = 0
  #lastMs = -Infinity
  readonly #listeners = new Set<(batch: TelemetryBatch) => void>()

  /** `split` splits a batch that is larger than `maxBytes`. */
  constructor(maxBytes: number, split: typeof splitBody) {
    this.#maxBytes = maxBytes
    this.#split = split
  }

  get keptBytes(): number {
    return this.#keptBytes
  }

  get tooLarge(): number {
    return this.#tooLarge
  }

  /** When the last batch was sent, by `performance.now()`. */
  get lastMs(): number {
    return this.#lastMs
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0
  }

  subscribe(listener: (batch: TelemetryBatch) => void): () => void {
    for (const batch of this.#kept) listener(batch)
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Copies `body`, an export request with `items` items. Its owner transfers it to another thread afterwards. */
  add(signal: TelemetryBatch['signal'], protocol: OtlpSettings['protocol'], body: Bytes, items: number): void {
    this.#lastMs = performance.now()
    const fits = body.byteLength <= this.#maxBytes
    if (fits || this.isWatched) {
      const batch = { signal, format: FORMATS[protocol], body: body.slice() }
      if (fits) this.#keep(batch)
      for (const listener of this.#listeners) listener(batch)
    }
    if (!fits && this.#maxBytes > 0) this.#keepParts(signal, protocol, { body, items })
  }

  /**
   * Retains the parts that fit of a batch larger than the buffer, so that one large span does not exclude its
   * neighbours.
   */
  #keepParts(signal: TelemetryBatch['signal'], protocol: OtlpSettings['protocol'], whole: Part): void {
    for (const { body, items } of this.#split(protocol, whole, this.#maxBytes) ?? [whole]) {
      if (body.byteLength <= this.#maxBytes) this.#keep({ signal, format: FORMATS[protocol], body })
      else this.#tooLarge += items
    }
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

/**
 * Makes `exportClient` copy what it sends to `recent`: all routes but metrics, and traces once when two exporters send
 * them.
 */
export function watchExportClient(
  exportClient: ExportClient,
  recent: RecentBatches,
  protocols: Readonly<Partial<Record<Route, OtlpSettings>>>,
): ExportClient {
  const { send } = exportClient
  const isSecond = (route: Route): boolean => route === 'zipkin' && protocols.traces !== undefined
  exportClient.send = function (route, body, items) {
    const protocol = protocols[route]?.protocol
    if (protocol !== undefined && route !== 'metrics' && !isSecond(route)) {
      recent.add(route === 'logs' ? 'logs' : 'traces', protocol, body, items)
    }
    send.call(exportClient, route, body, items)
  }
  return exportClient
}
