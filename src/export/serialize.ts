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
import { load } from '../chunks.ts'
import type { OtlpSettings } from '../settings/settings.ts'

type Protocol = OtlpSettings['protocol']
type Bytes = Uint8Array<ArrayBuffer> | undefined

/** Serialised on the app's thread: spans are objects with getters that cannot be handed to another thread as they are. */
export function serializeSpans(protocol: Protocol, spans: ReadableSpan[]): Bytes {
  if (protocol === 'zipkin') return load('zipkin').serializeZipkin(spans)
  return (protocol === 'http/json' ? JsonTraceSerializer : ProtobufTraceSerializer).serializeRequest(spans) as Bytes
}

export function serializeLogs(protocol: Protocol, records: ReadableLogRecord[]): Bytes {
  return (protocol === 'http/json' ? JsonLogsSerializer : ProtobufLogsSerializer).serializeRequest(records) as Bytes
}

export function serializeMetrics(protocol: Protocol, metrics: ResourceMetrics): Bytes {
  return (protocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer).serializeRequest(
    metrics,
  ) as Bytes
}
