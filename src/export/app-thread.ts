import { untraced } from '../sdk/untraced.ts'
import { createExporters } from './exporters.ts'
import { unrefHandles } from './handle-refs.ts'
import type { PollRequest, Batch, ShutdownRequest, ExportWorkerData, WorkerMessage } from './messages.ts'

/** What `WorkerExportClient` needs of the worker; here nothing is handed over, and the app's event loop does the waiting. */
export interface AppThreadExporter {
  postMessage(message: Batch | ShutdownRequest | PollRequest, transferred: readonly ArrayBuffer[]): void
}

/** The export without a worker, for processes that have no memory for one. Nothing of it holds the process. */
export function exportInAppThread(
  data: Omit<ExportWorkerData, 'isExportWorker' | 'logLevel'>,
  tell: (told: WorkerMessage) => void,
): AppThreadExporter {
  unrefHandles()
  const receive = untraced(() => createExporters(data, tell))
  return { postMessage: (message) => untraced(() => receive(message)) }
}
