import { Destination } from './destination.ts'
import { Ledger } from './ledger.ts'
import {
  type Ask,
  type Batch,
  type End,
  type ExportWorkerData,
  type Route,
  ROUTES,
  signalOf,
  type Told,
} from './messages.ts'
import { Retention } from './retention.ts'
import { pollStrategy } from './strategy-poller.ts'
import type { Transport } from './transport.ts'
import { transportFor } from './transport-for.ts'

/**
 * Everything that talks to a collector, and the connections to it. Returns what takes the messages of `WorkerCourier`; what
 * it has to say goes to `tell`.
 */
export function createExporter(
  {
    ledger: buffer,
    destinations,
    maxRetainedBytes,
    maxExportBytes,
  }: Omit<ExportWorkerData, 'isExportWorker' | 'logLevel'>,
  tell: (told: Told) => void,
): (message: Batch | End | Ask) => void {
  const ledger = new Ledger(buffer)
  const retention = new Retention(ledger, maxRetainedBytes)
  const byRoute = new Map<Route, Destination>()

  function destinationOf(route: Route): Destination | undefined {
    const settings = destinations[route]
    let destination = byRoute.get(route)
    if (destination === undefined && settings !== undefined) {
      const createTransport = (): Transport => transportFor(signalOf(route), settings)
      destination = new Destination({
        signal: signalOf(route),
        settings,
        createTransport,
        ledger,
        retention,
        maxExportBytes,
        onTrouble: (trouble) => tell({ route, trouble }),
      })
      byRoute.set(route, destination)
    }
    return destination
  }

  for (const route of ROUTES) destinationOf(route)?.prepare()
  return (message) => {
    if ('poll' in message) pollStrategy(message.poll, (strategy) => tell({ strategy }))
    else if ('endsAtMs' in message) for (const destination of byRoute.values()) destination.end(message)
    else destinationOf(message.route)?.take(message)
  }
}
