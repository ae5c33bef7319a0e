import { reasonOf } from '../base/diag.ts'
import type { LogLevel } from '../settings/settings.ts'
import { untraced } from '../sdk/untraced.ts'
import { exportInChild } from './exit-export.ts'
import { createExporters, type ExporterData } from './exporters.ts'
import { unrefHandles } from './handle-refs.ts'
import { Ledger } from './ledger.ts'
import type { PollRequest, Batch, ShutdownRequest, WorkerMessage } from './worker-messages.ts'

const HOLD_CHECK_MS = 20

/**
 * The part of a worker's interface that `WorkerExportClient` uses. Buffers are not transferred here: sender and
 * receiver share a thread.
 */
export interface AppThreadExporter {
  postMessage(message: Batch | ShutdownRequest | PollRequest, transferred: readonly ArrayBuffer[]): void
  /**
   * Sends what is not settled from a child process, and blocks meanwhile. Returns why this was not possible; undefined
   * when it was.
   */
  endSync(timeoutMs: number): string | undefined
}

export interface AppThreadOptions extends ExporterData {
  readonly logLevel: LogLevel
  /**
   * How long a pending export keeps the process alive unless it fails; 0 if a child process can send what is left at
   * the end.
   */
  readonly holdMs: number
}

/**
 * Exports on the app's own thread, for processes that cannot have a worker. Only with `holdMs` does it keep the process
 * alive.
 */
export function exportInAppThread(
  { logLevel, holdMs, ...data }: AppThreadOptions,
  reply: (message: WorkerMessage) => void,
): AppThreadExporter {
  unrefHandles()
  const ledger = new Ledger(data.ledger)
  const failing = new Set<string>()
  let holdUntilMs = 0
  let hold: NodeJS.Timeout | undefined
  const { receive, handOver } = untraced(() =>
    createExporters(data, (message) => {
      if ('route' in message) failing[message.trouble === undefined ? 'delete' : 'add'](message.route)
      reply(message)
    }),
  )

  /** Nothing is sent once the event loop is empty, so it stays alive while exports succeed. */
  function holdLoop(): void {
    holdUntilMs = performance.now() + holdMs
    hold ??= setInterval(() => {
      if (ledger.pending > 0 && failing.size === 0 && performance.now() < holdUntilMs) return
      clearInterval(hold)
      hold = undefined
    }, HOLD_CHECK_MS)
  }

  return {
    postMessage(message) {
      untraced(() => receive(message))
      if ('items' in message && holdMs > 0) holdLoop()
    },
    endSync(timeoutMs) {
      const { settingsByRoute, maxRetainedBytes, maxExportBytes } = data
      const batches = handOver()
      const request = { settingsByRoute, maxRetainedBytes, maxExportBytes, logLevel, batches }
      try {
        const { cells, troubles } = exportInChild(request, timeoutMs)
        ledger.adopt(cells)
        for (const trouble of troubles) reply(trouble)
        return undefined
      } catch (thrown) {
        for (const batch of batches) ledger.settle(batch, 'failed')
        return reasonOf(thrown)
      }
    },
  }
}
