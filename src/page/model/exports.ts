import type { InspectedProcess } from '../../base/inspection.ts'
import type { JudgedExport } from '../../cli/doctor/process.ts'
import type { NumberPoint } from '../messages.ts'
import type { Metrics } from './metrics.ts'

/** The outcome of exports of one signal, over all processes and threads of the service, including ended ones. */
export interface ServiceExport extends JudgedExport {
  /** `traces`, `metrics`, `logs`, or `zipkin` for traces sent to Zipkin. */
  readonly route: string
  readonly losses: Readonly<Record<string, number>>
}

/** What the semantic conventions call an item of each signal (otel/sdk-metrics). */
const ITEMS: Readonly<Record<string, string>> = {
  traces: 'span',
  zipkin: 'span',
  metrics: 'metric_data_point',
  logs: 'log',
}

/**
 * Returns the exports of a service. The counts come from the merged metrics, which include threads and processes that
 * have ended. If a view drops those metrics, they come from the running processes.
 */
export function serviceExports(metrics: Metrics, processes: readonly InspectedProcess[]): ServiceExport[] {
  const routes = [...new Set(processes.flatMap(({ exports }) => Object.keys(exports)))]
  return routes.map((route) => {
    const inspected = processes.map(({ exports }) => exports[route]).filter((each) => each !== undefined)
    const sum = (field: 'exported' | 'lost' | 'pending'): number =>
      inspected.reduce((total, each) => total + each[field], 0)
    const trouble = inspected.find((each) => each.trouble !== undefined)?.trouble
    const losses = lossesOf(metrics, route)
    const lost = losses === undefined ? sum('lost') : Object.values(losses).reduce((total, each) => total + each, 0)
    return {
      route,
      endpoint: [...new Set(inspected.map(({ endpoint }) => endpoint))].join(', '),
      exported: exportedOf(metrics, route) ?? sum('exported'),
      lost,
      pending: sum('pending'),
      losses: losses ?? {},
      ...(trouble === undefined ? {} : { trouble }),
    }
  })
}

function isZipkin({ attributes }: NumberPoint): boolean {
  return attributes['otel.component.type']?.startsWith('zipkin') === true
}

function exportedOf(metrics: Metrics, route: string): number | undefined {
  return metrics.latestSum(
    `otel.sdk.exporter.${ITEMS[route]}.exported`,
    (point) => point.attributes['error.type'] === undefined && isZipkin(point) === (route === 'zipkin'),
  )
}

/** Returns the losses by reason, without zero counts; undefined if there is no such metric. */
function lossesOf(metrics: Metrics, route: string): Record<string, number> | undefined {
  const points = metrics
    .latestPoints('obs.export.dropped')
    .filter(({ attributes: { signal, exporter } }) => (exporter ?? signal) === route)
  if (points.length === 0) return undefined
  const losses: Record<string, number> = {}
  for (const { attributes, value } of points) {
    const { reason = '' } = attributes
    if (value > 0) losses[reason] = (losses[reason] ?? 0) + value
  }
  return losses
}
