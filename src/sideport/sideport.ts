import type { MetricReader } from '@opentelemetry/sdk-metrics'
import { load } from '../chunks.ts'
import type { Settings } from '../settings/settings.ts'
import { createHealth } from './health.ts'
import { createPrometheusReader } from './reader.ts'
import type { SidePortServer } from './server.ts'

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
export function createSidePort(settings: SidePortSlice): SidePort {
  const { reader, collect } = createPrometheusReader()
  const health = createHealth()
  let server: SidePortServer | undefined
  return {
    reader,
    listen: async () => {
      server = load('sideport-server').open(settings, collect, health)
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
