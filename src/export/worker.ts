import { parentPort, workerData } from 'node:worker_threads'
import { setLogLevel } from '../base/diag.ts'
import { exportFromStdin } from './exit-export.ts'
import { createExporters } from './exporters.ts'
import type { ExportWorkerData } from './worker-messages.ts'

/**
 * The entry of the export worker, the thread that all connections to collectors live on, and of the process that sends
 * the last batches where there is no worker.
 */
if (parentPort === null) void exportFromStdin()
else {
  const data = workerData as ExportWorkerData
  setLogLevel(data.logLevel)
  parentPort.on('message', createExporters(data, (message) => parentPort?.postMessage(message, []), true).receive)
}
