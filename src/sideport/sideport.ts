import type { CollectionResult, MetricReader } from '@opentelemetry/sdk-metrics'
import { load } from '../base/chunks.ts'
import type { Settings } from '../settings/settings.ts'
import type { PageSource } from './page.ts'
import type { Authenticator } from './auth.ts'
import { createHealth } from './health.ts'
import { createPrometheusReader } from './reader.ts'

export type SidePortSlice = Pick<Settings, 'sidePort'> & {
  readonly metrics: Pick<Settings['metrics'], 'translationStrategy' | 'scopeLabels' | 'seriesLimits' | 'views'>
  readonly resource: Pick<Settings['resource'], 'serviceName'>
}

export interface ReaderSlice {
  readonly metrics: Pick<Settings['metrics'], 'prometheusHistogramAggregation'>
}

/** Returns what `/metrics` serves. */
export type Collect = () => Promise<CollectionResult>

/** The metrics of this process. */
export interface MetricsSource {
  readonly collect: Collect
  /** Collects synchronously, for the end of the process; asynchronous callbacks are skipped. */
  readonly collectNow: () => CollectionResult
}

export interface OpenedPort {
  /** For example `http://localhost:9464`. */
  readonly address: string
  /** Closes at once, even with connected clients. */
  readonly close: () => void
}

export interface SidePort {
  /** For the meter provider. */
  readonly reader: MetricReader
  readonly metrics: MetricsSource
  /** Opens a port and serves there. Rejects with the reason, and with `code` when it is a system error. */
  readonly open: (port: number, collect: Collect, page: PageSource | undefined) => Promise<OpenedPort>
  readonly setReady: (ready: boolean) => void
}

/** Creates the server for metrics, health checks and the page. */
export function createSidePort(settings: SidePortSlice & ReaderSlice): SidePort {
  const { prometheusHistogramAggregation, seriesLimits } = settings.metrics
  const { reader, collect, collectNow } = createPrometheusReader(prometheusHistogramAggregation, seriesLimits.sidePort)
  const health = createHealth()
  return {
    reader,
    metrics: {
      collect: async () => {
        const collected = await collect()
        return load<typeof import('./process-metrics.ts')>('process-metrics').withProcessMetrics(collected)
      },
      collectNow: () =>
        load<typeof import('./process-metrics.ts')>('process-metrics').withProcessMetricsNow(collectNow()),
    },
    open: async (port, served, page) => {
      const { listening, close } = load<typeof import('./open.ts')>('sideport-server').open({
        settings,
        port,
        collect: served,
        health,
        authenticator: authenticatorFor(settings.sidePort),
        page,
      })
      const bound = await listening
      const scheme = settings.sidePort.tls === undefined ? 'http' : 'https'
      const host = bound.host.includes(':') ? `[${bound.host}]` : bound.host
      return { address: `${scheme}://${host}:${bound.port}`, close }
    },
    setReady: health.setReady,
  }
}

/** Few side ports have credentials, so the code that checks them is loaded only then. */
function authenticatorFor(settings: Settings['sidePort']): Authenticator | undefined {
  if (settings.basicAuth === undefined && settings.bearerToken === undefined) return undefined
  return load<typeof import('./auth.ts')>('sideport-auth').createAuthenticator(settings)
}
