import type { BatchSettings, OtlpSettings, Signal } from '../settings/settings.ts'
import type { Courier } from './courier.ts'
import { joinBodies } from './join-bodies.ts'
import type { Batch } from './messages.ts'

export interface RelayRoute {
  readonly protocol: OtlpSettings['protocol']
  readonly batch: BatchSettings
}

interface Waiting {
  readonly bodies: Uint8Array<ArrayBuffer>[]
  readonly timer: NodeJS.Timeout
  items: number
}

/** Batches of worker threads are many and small; they go on to the collector in batches of the usual size. */
export class Relay {
  readonly #courier: Courier
  readonly #routes: Readonly<Partial<Record<Signal, RelayRoute>>>
  readonly #waiting = new Map<Signal, Waiting>()

  constructor(courier: Courier, routes: Readonly<Partial<Record<Signal, RelayRoute>>>) {
    this.#courier = courier
    this.#routes = routes
  }

  take({ signal, body, items }: Batch): void {
    const route = this.#routes[signal]
    if (route === undefined) return
    const waiting = this.#waiting.get(signal) ?? this.#start(signal, route)
    waiting.bodies.push(body)
    waiting.items += items
    if (waiting.items >= route.batch.maxExportBatchSize) this.#send(signal, route)
  }

  /** Hands everything on, now. */
  drain(): void {
    for (const signal of this.#waiting.keys()) {
      const route = this.#routes[signal]
      if (route !== undefined) this.#send(signal, route)
    }
  }

  #start(signal: Signal, route: RelayRoute): Waiting {
    const timer = setTimeout(() => this.#send(signal, route), route.batch.scheduleDelayMs).unref()
    const waiting = { bodies: [], timer, items: 0 }
    this.#waiting.set(signal, waiting)
    return waiting
  }

  #send(signal: Signal, { protocol }: RelayRoute): void {
    const waiting = this.#waiting.get(signal)
    if (waiting === undefined) return
    this.#waiting.delete(signal)
    clearTimeout(waiting.timer)
    this.#courier.send(signal, joinBodies(protocol, waiting.bodies), waiting.items)
  }
}
