import { parentPort, workerData } from 'node:worker_threads'
import { setLogLevel } from '../base/diag.ts'
import { createExporters } from './exporters.ts'
import type { ExportWorkerData } from './messages.ts'

/** The export worker: everything that talks to a collector, on a thread of its own. */
const data = workerData as ExportWorkerData
setLogLevel(data.logLevel)
parentPort?.on(
  'message',
  createExporters(data, (told) => parentPort?.postMessage(told, [])),
)
