import type { BatchSettings, OtlpSettings } from '../settings/settings.ts'
import type { Courier } from './courier.ts'
import { joinBodies } from './join-bodies.ts'
import type { Batch, Route } from './messages.ts'

export interface Relayed {
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
  readonly #routes: Readonly<Partial<Record<Route, Relayed>>>
  readonly #waiting = new Map<Route, Waiting>()

  constructor(courier: Courier, routes: Readonly<Partial<Record<Route, Relayed>>>) {
    this.#courier = courier
    this.#routes = routes
  }

  take({ route, body, items }: Batch): void {
    const relayed = this.#routes[route]
    if (relayed === undefined) return
    const waiting = this.#waiting.get(route) ?? this.#start(route, relayed)
    waiting.bodies.push(body)
    waiting.items += items
    if (waiting.items >= relayed.batch.maxExportBatchSize) this.#send(route, relayed)
  }

  /** Hands everything on, now. */
  drain(): void {
    for (const route of this.#waiting.keys()) {
      const relayed = this.#routes[route]
      if (relayed !== undefined) this.#send(route, relayed)
    }
  }

  #start(route: Route, relayed: Relayed): Waiting {
    const timer = setTimeout(() => this.#send(route, relayed), relayed.batch.scheduleDelayMs).unref()
    const waiting = { bodies: [], timer, items: 0 }
    this.#waiting.set(route, waiting)
    return waiting
  }

  #send(route: Route, { protocol }: Relayed): void {
    const waiting = this.#waiting.get(route)
    if (waiting === undefined) return
    this.#waiting.delete(route)
    clearTimeout(waiting.timer)
    this.#courier.send(route, joinBodies(protocol, waiting.bodies), waiting.items)
  }
}
