import type { MeterProvider } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import { LoggerProvider, type LogRecordProcessor } from '@opentelemetry/sdk-logs'

/** A chunk of its own: logs are off by default. */
export function createLoggerProvider(
  resource: Resource,
  processors: readonly LogRecordProcessor[],
  ownMetrics: MeterProvider | undefined,
): LoggerProvider {
  const meterProvider = ownMetrics === undefined ? {} : { meterProvider: ownMetrics }
  return new LoggerProvider({ resource, processors: [...processors], ...meterProvider })
}
