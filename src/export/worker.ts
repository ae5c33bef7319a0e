import { parentPort, workerData } from 'node:worker_threads'
import { load } from '../chunks.ts'
import { setLogLevel } from '../diag.ts'
import type { Signal } from '../settings/settings.ts'
import { Destination } from './destination.ts'
import { Ledger } from './ledger.ts'
import type { Ask, Batch, End, ExportWorkerData, Told } from './messages.ts'
import { Retention } from './retention.ts'
import type { Transport } from './transport.ts'
import { transportFor } from './transport-for.ts'

/** The export worker: everything that talks to a collector, on a thread of its own. */
const { ledger: buffer, logLevel, destinations, maxRetainedBytes } = workerData as ExportWorkerData
const ledger = new Ledger(buffer)
const retention = new Retention(ledger, maxRetainedBytes)
const bySignal = new Map<Signal, Destination>()

setLogLevel(logLevel)
parentPort?.on('message', (message: Batch | End | Ask) => {
  if ('poll' in message) {
    load('strategy-poller').pollStrategy(message.poll, (strategy) =>
      parentPort?.postMessage({ strategy } satisfies Told, []),
    )
  } else if ('endsAtMs' in message) {
    for (const destination of bySignal.values()) destination.end(message)
  } else {
    destinationOf(message.signal)?.take(message)
  }
})

function destinationOf(signal: Signal): Destination | undefined {
  const settings = destinations[signal]
  let destination = bySignal.get(signal)
  if (destination === undefined && settings !== undefined) {
    const createTransport = (): Transport => transportFor(signal, settings)
    destination = new Destination({ signal, settings, createTransport, ledger, retention })
    bySignal.set(signal, destination)
  }
  return destination
}
