import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import type { Handle } from '../base/handle.ts'
import { serviceLabel } from '../base/service-label.ts'
import type { BatchFeed } from '../export/recent-batches.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Settings } from '../settings/settings.ts'
import type { SidePort } from '../sideport/sideport.ts'
import type { ThreadHost } from '../threads/thread-host.ts'
import { withThreads } from '../threads/with-threads.ts'
import { inspectedProcess, pageSource } from './page-source.ts'
import { startLine } from './start-line.ts'

interface JoinInput {
  readonly settings: Settings
  readonly sidePort: SidePort
  readonly threads: () => ThreadHost | undefined
  /** The batches of this process for the page; undefined if the page is off. */
  readonly feed: BatchFeed | undefined
  readonly handle: Handle
  readonly mainScript: string | undefined
}

/** Opens the side port, or joins the process of the same service that has opened it. */
export function joinFleet({ settings, mainScript, sidePort, threads, feed, handle }: JoinInput): Fleet {
  const { host, port, ...protection } = settings.sidePort
  const { metrics, open } = sidePort
  const fleet = new (load<typeof import('../fleet/fleet.ts')>('fleet').Fleet)({
    settings: settings.fleet,
    // Unrelated apps may have no name.
    service: settings.resource.serviceName ?? `${serviceLabel(settings.resource)} ${mainScript ?? ''}`,
    host,
    port,
    protection,
    own: withThreads(metrics, threads, settings.metrics.prometheusHistogramAggregation),
    feed,
    inspect: () => inspectedProcess(handle, feed),
    open: (at, collect, all) => open(at, collect, all === undefined ? undefined : pageSource(settings, handle, all)),
  })
  fleet.start().then(
    (place) => {
      const isLogged = fleet.isMember && process.channel != null
      // A service that forks a process for each job logs its start line once.
      return isLogged ? diag.debug(startLine(settings, place)) : diag.info(startLine(settings, place))
    },
    (thrown: unknown) => diag.warn(startLine(settings, `no metrics: ${diag.reasonOf(thrown)}`)),
  )
  return fleet
}
