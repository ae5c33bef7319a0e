import { subscribe } from 'node:diagnostics_channel'
import { getEnvironmentData, isInternalThread, type Worker, workerData } from 'node:worker_threads'
import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import { whyNotTheApp } from '../base/guardrails.ts'
import type { Handle } from '../base/handle.ts'
import { onFirstUse } from '../base/first-use.ts'
import { LINK_KEY, type ThreadLink } from '../base/thread-link.ts'
import { MainLink } from './main-link.ts'

/**
 * Starts telemetry in a worker thread of the app. The main thread has decided and read everything
 * (`threads/thread-host.ts`); it is built here at the first use in the thread. All telemetry is exported through the
 * main thread.
 */
export function startInThread(handle: Handle): void {
  const link = getEnvironmentData(LINK_KEY) as ThreadLink | undefined
  // Excludes Node's own thread for module hooks and the export worker.
  if (link?.ledger === undefined || isInternalThread || isExportWorker()) return
  const { settings, preload, ledger } = link
  if (preload !== undefined) {
    load<typeof import('./worker-elsewhere.ts')>('worker-elsewhere').startWorkersElsewhere(preload)
  }
  diag.setLogLevel(settings.logLevel)
  const reason = whyNotTheApp({ main: process.argv[1] ?? '', checksOnly: false, asked: false }, settings.guardrails)
  if (reason !== undefined) {
    diag.debug(`not started in a worker thread: ${reason}`)
    return
  }
  const main = new MainLink()
  reportThreads(main)
  // Console output is exported even when the thread uses nothing else.
  const atOnce = settings.logs.console.includes('export')
  const use = onFirstUse({ ...link, handle, where: ' in a worker thread' }, () =>
    load<typeof import('./thread-telemetry.ts')>('thread-telemetry').startThreadTelemetry(handle, link, ledger, main),
  )
  if (atOnce) use()
}

/** Reports threads started by this one, which the main thread would not see otherwise. */
function reportThreads(main: MainLink): void {
  subscribe('worker_threads', (message) => {
    const { worker } = message as { readonly worker: Worker }
    const started = worker.threadId
    main.send({ started })
    worker.once('exit', () => main.send({ ended: started }))
  })
}

function isExportWorker(): boolean {
  return (workerData as { readonly isExportWorker?: true } | null)?.isExportWorker === true
}
