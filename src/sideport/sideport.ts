import type { CollectionResult, MetricReader } from '@opentelemetry/sdk-metrics'
import { load } from '../base/chunks.ts'
import type { Settings } from '../settings/settings.ts'
import type { PageSource } from './page.ts'
import { createHealth } from './health.ts'
import { createPrometheusReader } from './reader.ts'

export type SidePortSlice = Pick<Settings, 'sidePort'> & {
  readonly metrics: Pick<Settings['metrics'], 'translationStrategy' | 'scopeLabels' | 'seriesLimits' | 'views'>
  readonly resource: Pick<Settings['resource'], 'serviceName'>
}

export interface ReaderSlice {
  readonly metrics: Pick<Settings['metrics'], 'prometheusHistogramAggregation'>
}

/** What is served as `/metrics`. */
export type Collect = () => Promise<CollectionResult>

/** What this process measured. */
export interface MetricsSource {
  readonly collect: Collect
  /** The same, synchronously, for the end of the process; what is measured asynchronously is left out. */
  readonly collectNow: () => CollectionResult
}

export interface OpenedPort {
  /** Such as `http://localhost:9464`. */
  readonly address: string
  /** At once, whatever clients are connected. */
  readonly close: () => void
}

export interface SidePort {
  /** For the meter provider. */
  readonly reader: MetricReader
  readonly metrics: MetricsSource
  /** Opens a port and serves there. Rejects with the reason in words, and with `code` where the system gave one. */
  readonly open: (port: number, collect: Collect, page: PageSource | undefined) => Promise<OpenedPort>
  readonly setReady: (ready: boolean) => void
}

/** The one small server that shows what is known of the process. */
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
