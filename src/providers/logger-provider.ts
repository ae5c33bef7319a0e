import type { MeterProvider } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { LogLimitSettings } from '../settings/settings.ts'
import { LoggerProvider, type LogRecordProcessor } from '@opentelemetry/sdk-logs'

/** Creates the logger provider, in a chunk of its own: logs are off by default. */
export function createLoggerProvider(
  resource: Resource,
  processors: readonly LogRecordProcessor[],
  limits: LogLimitSettings,
  ownMetrics: MeterProvider | undefined,
): LoggerProvider {
  return new LoggerProvider({
    resource,
    processors: [...processors],
    logRecordLimits: {
      attributeCountLimit: limits.attributeCount,
      attributeValueLengthLimit: limits.attributeValueLength,
    },
    ...(ownMetrics === undefined ? {} : { meterProvider: ownMetrics }),
  })
}
