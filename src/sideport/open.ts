import * as diag from '../base/diag.ts'
import type { Authenticator } from './auth.ts'
import { createExposition } from './exposition/exposition.ts'
import { hostCheck } from './host-check.ts'
import type { Health } from './health.ts'
import type { PageSource } from './page.ts'
import { overflowReporter } from './overflow.ts'
import { createRoutes } from './routes.ts'
import { createScrape } from './scrape.ts'
import { createSidePortServer } from './server.ts'
import type { SidePortServer } from './server.ts'
import { DEFAULT_SERIES_LIMIT } from '../aggregation/series-limit.ts'
import type { Collect, SidePortSlice } from './sideport.ts'
import { readServerTls } from './server-tls.ts'

export interface OpenInput {
  readonly settings: SidePortSlice
  readonly port: number
  readonly collect: Collect
  readonly health: Health
  /** Undefined when the side port has no credentials. */
  readonly authenticator: Authenticator | undefined
  /** Undefined when the page is off. */
  readonly page: PageSource | undefined
}

/** Opens the side port. Loaded as a chunk of its own when the port opens, after the app's own start. */
export function open({ settings, port, collect, health, authenticator, page }: OpenInput): SidePortServer {
  const { sidePort, metrics, resource } = settings
  if (sidePort.blockedBy !== undefined) throw new Error(sidePort.blockedBy)
  const exposition = createExposition({
    translationStrategy: metrics.translationStrategy,
    scopeLabels: metrics.scopeLabels,
    onLoss: diag.warn,
    onAmbiguity: diag.debug,
  })
  const handler = createRoutes({
    scrape: createScrape(collect, exposition, once(diag.warn), overflowReporter(leastSeries(metrics), diag.warn)),
    health,
    page: page === undefined ? undefined : { source: page, collect },
    authenticator,
    isKnownHost: hostCheck(sidePort.host),
    serviceName: resource.serviceName,
  })
  const tls = sidePort.tls === undefined ? undefined : readServerTls(sidePort.tls)
  return createSidePortServer({ host: sidePort.host, port, tls, handler })
}

function leastSeries({ seriesLimits, views }: SidePortSlice['metrics']): number {
  const limits = [...Object.values(seriesLimits.sidePort), ...views.map(({ maxSeries }) => maxSeries ?? Infinity)]
  return Math.min(DEFAULT_SERIES_LIMIT, ...limits)
}

function once(log: (message: string) => void): (message: string) => void {
  let isLogged = false
  return (message) => {
    if (!isLogged) log(message)
    isLogged = true
  }
}
