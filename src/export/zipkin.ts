import type { ReadableSpan } from '@opentelemetry/sdk-trace'
// @ts-expect-error -- the part of OpenTelemetry's exporter that makes Zipkin's spans, which its entry does not export
import { toZipkinSpan } from '../../node_modules/@opentelemetry/exporter-zipkin/dist/transform.mjs'

/**
 * Serialises spans as Zipkin JSON, version 2 (https://zipkin.io/zipkin-api/). The export worker sends it like
 * OTLP/HTTP.
 */
export function serializeZipkin(spans: readonly ReadableSpan[]): Uint8Array<ArrayBuffer> {
  const translate = toZipkinSpan as (span: ReadableSpan, service: string, statusTag: string, errorTag: string) => object
  const translated = spans.map((span) =>
    translate(span, String(span.resource.attributes['service.name']), 'otel.status_code', 'error'),
  )
  return new Uint8Array(Buffer.from(JSON.stringify(translated)))
}
