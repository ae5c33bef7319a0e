import { reasonOf, warn } from '../base/diag.ts'
import { shownUrl } from '../base/shown-url.ts'
import type { Interlude } from './ledger.ts'
import { type Route, type SettingsByRoute, signalItems } from './worker-messages.ts'
import type { PushReader } from './push-metrics.ts'
import type { SignalProcessors } from './signal-processors.ts'
import type { ExportClient } from './worker-export-client.ts'

/** The parts of a pipeline that may hold something when the process exits. */
export interface Undelivered {
  readonly settingsByRoute: SettingsByRoute
  readonly exportClient: ExportClient
  readonly batchers: SignalProcessors['batchers']
  readonly pushReaders: readonly PushReader[]
  /** The batches of the app's worker threads. */
  readonly ofThreads: { drain(): void }
  /** Whether this is a worker thread of the app, which may end long before the process does, and waits for nothing. */
  readonly isThread: boolean
}

/**
 * Blocks until all of it is delivered or for `timeoutMs`, and logs what is lost. `interlude` runs once if that takes
 * longer than its `afterMs`.
 */
export function deliverAtExit(undelivered: Undelivered, timeoutMs: number, interlude: Interlude | undefined): void {
  const { batchers, exportClient, pushReaders, settingsByRoute } = undelivered
  const routes = Object.keys(settingsByRoute) as Route[]
  if (pushReaders.length > 0 || batchers.some(({ size }) => size > 0)) exportClient.prepare()
  const lostBefore = new Map(routes.map((route) => [route, lostByCollector(exportClient, route)]))
  for (const { drain } of pushReaders) collect(drain)
  for (const batcher of batchers) {
    batcher.drain()
    batcher.logDropped()
  }
  if (undelivered.isThread) return
  undelivered.ofThreads.drain()
  const notWaited = exportClient.endSync(timeoutMs, interlude)
  for (const route of routes) {
    const lost = lostByCollector(exportClient, route) - (lostBefore.get(route) ?? 0)
    const items = lost + exportClient.ledger.pendingItems(route)
    if (items > 0) warn(lossLine(undelivered, route, items, timeoutMs, notWaited))
  }
}

/** The export client itself logs batches that are dropped for lack of a worker, with the reason. */
function lostByCollector({ ledger }: ExportClient, route: Route): number {
  return ledger.lost(route) - ledger.counted(route, 'no_worker')
}

/** `notWaited` is why nobody waited for exports that were on their way; they may have arrived. */
function lossLine(
  { exportClient, settingsByRoute }: Undelivered,
  route: Route,
  items: number,
  timeoutMs: number,
  notWaited: string | undefined,
): string {
  const where = shownUrl(settingsByRoute[route]?.endpoint ?? '')
  const dropped = `${signalItems(route, items)} dropped at exit`
  if (notWaited !== undefined) return `${dropped} or not confirmed by ${where} (${notWaited})`
  const trouble = exportClient.trouble(route)
  const why = trouble === undefined ? '' : ` (${trouble})`
  return `${dropped}, ${where} did not accept them within ${Math.round(timeoutMs)} ms${why}`
}

function collect(drain: () => void): void {
  try {
    drain()
  } catch (thrown) {
    warn(`metrics: could not be collected at exit (${reasonOf(thrown)}); dropped`)
  }
}
