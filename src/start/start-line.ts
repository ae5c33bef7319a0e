import { serviceLabel } from '../base/service-label.ts'
import { shownUrl } from '../base/shown-url.ts'
import type { Settings } from '../settings/settings.ts'

/**
 * Returns the line that a start logs: which service, and where its telemetry goes. `metrics` describes the side port.
 */
export function startLine({ resource, traces }: Settings, metrics: string): string {
  const version = resource.serviceVersion === undefined ? '' : ` ${resource.serviceVersion}`
  const destinations = traces.exporters.map((exporter) => {
    if (exporter === 'console') return 'stderr'
    const { endpoint, protocol } = traces[exporter]
    return `${shownUrl(endpoint)} (${protocol})`
  })
  const tracing = destinations.length === 0 ? 'no traces' : `traces to ${destinations.join(' and ')}`
  const advice = resource.serviceName === undefined ? '; set OTEL_SERVICE_NAME' : ''
  return `${serviceLabel(resource)}${version}: ${tracing}, ${metrics}${advice}`
}
