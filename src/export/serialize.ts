import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
} from '@opentelemetry/otlp-transformer'
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { load } from '../base/chunks.ts'
import type { OtlpSettings } from '../settings/settings.ts'

type Protocol = OtlpSettings['protocol']
type SerializedBytes = Uint8Array<ArrayBuffer> | undefined

/**
 * Serialises whole batches. As protobuf, a span is encoded when it ends (`span-encoder.ts`). Either happens on the
 * app's thread: spans are objects with getters, which cannot be passed to another thread.
 */
export function serializeSpans(protocol: 'http/json' | 'zipkin', spans: ReadableSpan[]): SerializedBytes {
  if (protocol === 'zipkin') return load<typeof import('./zipkin.ts')>('zipkin').serializeZipkin(spans)
  return JsonTraceSerializer.serializeRequest(spans) as SerializedBytes
}

export function serializeLogs(protocol: Protocol, records: ReadableLogRecord[]): SerializedBytes {
  return (protocol === 'http/json' ? JsonLogsSerializer : ProtobufLogsSerializer).serializeRequest(
    records,
  ) as SerializedBytes
}

export function serializeMetrics(protocol: Protocol, metrics: ResourceMetrics): SerializedBytes {
  return (protocol === 'http/json' ? JsonMetricsSerializer : ProtobufMetricsSerializer).serializeRequest(
    metrics,
  ) as SerializedBytes
}
