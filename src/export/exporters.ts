import { RetryingExporter } from './retrying-exporter.ts'
import { Ledger } from './ledger.ts'
import {
  type PollRequest,
  type Batch,
  type ShutdownRequest,
  type ExportWorkerData,
  type Route,
  ROUTES,
  signalOf,
  type WorkerMessage,
} from './worker-messages.ts'
import { Retention } from './retention.ts'
import { pollStrategy } from './strategy-poller.ts'
import type { Transport } from './transport.ts'
import { transportFor } from './transport-for.ts'

export type ExporterData = Omit<ExportWorkerData, 'isExportWorker' | 'logLevel'>

/** The exporters of all routes. */
export interface Exporters {
  /** Receives the messages of `WorkerExportClient`. */
  readonly receive: (message: Batch | ShutdownRequest | PollRequest) => void
  /** Removes all batches that are not settled and returns them. Those in flight may have reached the collector. */
  readonly handOver: () => Batch[]
}

/**
 * Creates the exporters of all routes with their connections. Replies go to `reply`. `ownsBodies`: the received batches
 * were transferred to this thread, so that nobody else uses their memory.
 */
export function createExporters(
  { ledger: buffer, settingsByRoute, maxRetainedBytes, maxExportBytes }: ExporterData,
  reply: (message: WorkerMessage) => void,
  ownsBodies: boolean = false,
): Exporters {
  const ledger = new Ledger(buffer)
  const retention = new Retention(ledger, maxRetainedBytes)
  const byRoute = new Map<Route, RetryingExporter>()

  function exporterOf(route: Route): RetryingExporter | undefined {
    const settings = settingsByRoute[route]
    let exporter = byRoute.get(route)
    if (exporter === undefined && settings !== undefined) {
      const createTransport = (): Transport => transportFor(signalOf(route), settings)
      exporter = new RetryingExporter({
        signal: signalOf(route),
        settings,
        createTransport,
        ledger,
        retention,
        maxExportBytes,
        ownsBodies,
        onTrouble: (trouble) => reply({ route, trouble }),
      })
      byRoute.set(route, exporter)
    }
    return exporter
  }

  for (const route of ROUTES) exporterOf(route)?.prepare()
  return {
    receive(message) {
      if ('poll' in message) pollStrategy(message.poll, (strategy) => reply({ strategy }))
      else if ('endsAtMs' in message) for (const exporter of byRoute.values()) exporter.end(message)
      else exporterOf(message.route)?.take(message)
    },
    handOver: () => [...byRoute.values()].flatMap((exporter) => exporter.handOver()),
  }
}
