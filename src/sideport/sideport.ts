import type { CollectionResult, MetricReader } from '@opentelemetry/sdk-metrics'
import * as diag from '../diag.ts'
import type { Settings } from '../settings/settings.ts'
import { createAuthenticator } from './auth.ts'
import type { ExemplarSource } from './exposition/exemplars.ts'
import { createExposition } from './exposition/exposition.ts'
import { createHealth } from './health.ts'
import type { Health } from './health.ts'
import { createPrometheusReader } from './reader.ts'
import { createRoutes } from './routes.ts'
import { createScrape } from './scrape.ts'
import { createSidePortServer } from './server.ts'
import type { SidePortServer } from './server.ts'
import { readTlsFiles } from './tls.ts'

export type { Exemplar, ExemplarSource } from './exposition/exemplars.ts'

export type SidePortSlice = Pick<Settings, 'sidePort'> & {
  readonly metrics: Pick<Settings['metrics'], 'translationStrategy' | 'scopeLabels'>
  readonly resource: Pick<Settings['resource'], 'serviceName'>
}

export interface SidePort {
  /** For the meter provider. */
  readonly reader: MetricReader
  /** Opens the port. Resolves with where it is, such as `http://localhost:9464`; rejects with the reason in words. */
  readonly listen: () => Promise<string>
  readonly setReady: (ready: boolean) => void
  /** From now on `/readyz` answers 503; everything else goes on. */
  readonly setShuttingDown: () => void
  /** At once, whatever clients are connected. */
  readonly close: () => void
}

/** The one small server that shows what is known of the process. */
export function createSidePort(settings: SidePortSlice, exemplars?: ExemplarSource): SidePort {
  const { reader, collect } = createPrometheusReader()
  const health = createHealth()
  let server: SidePortServer | undefined
  return {
    reader,
    listen: async () => {
      server = open(settings, collect, health, exemplars)
      const { host, port } = await server.listening
      const scheme = settings.sidePort.tls === undefined ? 'http' : 'https'
      return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
    },
    setReady: health.setReady,
    setShuttingDown: health.setShuttingDown,
    close: () => {
      health.close()
      server?.close()
    },
  }
}

function open(
  { sidePort, metrics, resource }: SidePortSlice,
  collect: () => Promise<CollectionResult>,
  health: Health,
  exemplars: ExemplarSource | undefined,
): SidePortServer {
  if (sidePort.blockedBy !== undefined) throw new Error(sidePort.blockedBy)
  const exposition = createExposition({
    translationStrategy: metrics.translationStrategy,
    scopeLabels: metrics.scopeLabels,
    exemplars,
    onProblem: diag.warn,
  })
  const handler = createRoutes({
    scrape: createScrape(collect, exposition, once(diag.warn)),
    health,
    authenticator: createAuthenticator(sidePort),
    serviceName: resource.serviceName,
  })
  const tls = sidePort.tls === undefined ? undefined : readTlsFiles(sidePort.tls)
  return createSidePortServer({ host: sidePort.host, port: sidePort.port, tls, handler })
}

function once(say: (message: string) => void): (message: string) => void {
  let said = false
  return (message) => {
    if (!said) say(message)
    said = true
  }
}
