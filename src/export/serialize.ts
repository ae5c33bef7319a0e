import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { OtlpProtocol } from '../settings/settings.ts'

type Bytes = Uint8Array<ArrayBuffer> | undefined

/** Serialised on the app's thread: spans are objects with getters that cannot be handed to another thread as they are. */
export function serializeSpans(protocol: OtlpProtocol, spans: ReadableSpan[]): Bytes {
  return (protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer).serializeRequest(spans) as Bytes
}

export function serializeLogs(protocol: OtlpProtocol, records: ReadableLogRecord[]): Bytes {
  return (protocol === 'http/json' ? JsonLogsSerializer : ProtobufLogsSerializer).serializeRequest(records) as Bytes
}

export function serializeMetrics(protocol: OtlpProtocol, metrics: ResourceMetrics): Bytes {
  return (protocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer).serializeRequest(
    metrics,
  ) as Bytes
}
