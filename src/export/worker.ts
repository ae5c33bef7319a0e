import { parentPort, workerData } from 'node:worker_threads'
import { setLogLevel } from '../base/diag.ts'
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

/** The export worker: everything that talks to a collector, on a thread of its own. */
const { ledger: buffer, logLevel, destinations, maxRetainedBytes } = workerData as ExportWorkerData
const ledger = new Ledger(buffer)
const retention = new Retention(ledger, maxRetainedBytes)
const byRoute = new Map<Route, Destination>()

setLogLevel(logLevel)
for (const route of ROUTES) destinationOf(route)?.prepare()
parentPort?.on('message', (message: Batch | End | Ask) => {
  if ('poll' in message) {
    pollStrategy(message.poll, (strategy) => parentPort?.postMessage({ strategy } satisfies Told, []))
  } else if ('endsAtMs' in message) {
    for (const destination of byRoute.values()) destination.end(message)
  } else {
    destinationOf(message.route)?.take(message)
  }
})

function destinationOf(route: Route): Destination | undefined {
  const settings = destinations[route]
  let destination = byRoute.get(route)
  if (destination === undefined && settings !== undefined) {
    const createTransport = (): Transport => transportFor(signalOf(route), settings)
    destination = new Destination({ signal: signalOf(route), settings, createTransport, ledger, retention })
    byRoute.set(route, destination)
  }
  return destination
}
