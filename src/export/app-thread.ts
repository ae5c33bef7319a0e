import { untraced } from '../sdk/untraced.ts'
import { createExporter } from './exporter.ts'
import { holdNothing } from './held.ts'
import type { Ask, Batch, End, ExportWorkerData, Told } from './messages.ts'

/** What `WorkerCourier` needs of the worker; here nothing is handed over, and the app's event loop does the waiting. */
export interface AppThreadExporter {
  postMessage(message: Batch | End | Ask, transferred: readonly ArrayBuffer[]): void
}

/** The export without a worker, for processes that have no memory for one. Nothing of it holds the process. */
export function exportInAppThread(
  data: Omit<ExportWorkerData, 'isExportWorker' | 'logLevel'>,
  tell: (told: Told) => void,
): AppThreadExporter {
  holdNothing()
  const receive = untraced(() => createExporter(data, tell))
  return { postMessage: (message) => untraced(() => receive(message)) }
}
