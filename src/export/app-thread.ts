import { untraced } from '../sdk/untraced.ts'
import { createExporters } from './exporters.ts'
import { unrefHandles } from './handle-refs.ts'
import type { PollRequest, Batch, ShutdownRequest, ExportWorkerData, WorkerMessage } from './messages.ts'

/**
 * The part of a worker's interface that `WorkerExportClient` uses. Buffers are not transferred here: sender and
 * receiver share a thread.
 */
export interface AppThreadExporter {
  postMessage(message: Batch | ShutdownRequest | PollRequest, transferred: readonly ArrayBuffer[]): void
}

/**
 * Exports on the app's own thread, for processes without enough memory for a worker. It never keeps the process alive.
 */
export function exportInAppThread(
  data: Omit<ExportWorkerData, 'isExportWorker' | 'logLevel'>,
  tell: (message: WorkerMessage) => void,
): AppThreadExporter {
  unrefHandles()
  const receive = untraced(() => createExporters(data, tell))
  return { postMessage: (message) => untraced(() => receive(message)) }
}
