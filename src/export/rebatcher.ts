import type { BatchSettings, OtlpSettings } from '../settings/settings.ts'
import type { ExportClient } from './worker-export-client.ts'
import { joinBodies } from './join-bodies.ts'
import type { Batch, Route } from './worker-messages.ts'

export interface RebatchedRoute {
  readonly protocol: OtlpSettings['protocol']
  readonly batch: BatchSettings
}

interface Pending {
  readonly bodies: Uint8Array<ArrayBuffer>[]
  readonly timer: NodeJS.Timeout
  items: number
}

/** Joins the many small batches of worker threads into batches of the usual size before they are exported. */
export class Rebatcher {
  readonly #exportClient: ExportClient
  readonly #routes: Readonly<Partial<Record<Route, RebatchedRoute>>>
  readonly #pending = new Map<Route, Pending>()

  constructor(exportClient: ExportClient, routes: Readonly<Partial<Record<Route, RebatchedRoute>>>) {
    this.#exportClient = exportClient
    this.#routes = routes
  }

  take({ route, body, items }: Batch): void {
    const rebatched = this.#routes[route]
    if (rebatched === undefined) return
    const pending = this.#pending.get(route) ?? this.#start(route, rebatched)
    pending.bodies.push(body)
    pending.items += items
    if (pending.items >= rebatched.batch.maxExportBatchSize) this.#send(route, rebatched)
  }

  /** Exports everything that is pending at once. */
  drain(): void {
    for (const route of this.#pending.keys()) {
      const rebatched = this.#routes[route]
      if (rebatched !== undefined) this.#send(route, rebatched)
    }
  }

  #start(route: Route, rebatched: RebatchedRoute): Pending {
    const timer = setTimeout(() => this.#send(route, rebatched), rebatched.batch.scheduleDelayMs).unref()
    const pending = { bodies: [], timer, items: 0 }
    this.#pending.set(route, pending)
    return pending
  }

  #send(route: Route, { protocol }: RebatchedRoute): void {
    const pending = this.#pending.get(route)
    if (pending === undefined) return
    this.#pending.delete(route)
    clearTimeout(pending.timer)
    this.#exportClient.send(route, joinBodies(protocol, pending.bodies), pending.items)
  }
}
