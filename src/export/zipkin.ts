import type { ReadableSpan } from '@opentelemetry/sdk-trace'
// @ts-expect-error -- the part of OpenTelemetry's exporter that makes Zipkin's spans, which its entry does not export
import { toZipkinSpan } from '../../node_modules/@opentelemetry/exporter-zipkin/dist/transform.mjs'

/** https://zipkin.io/zipkin-api/, version 2: a chunk of its own. The export worker sends it as it sends OTLP over HTTP. */
export function serializeZipkin(spans: readonly ReadableSpan[]): Uint8Array<ArrayBuffer> {
  const translate = toZipkinSpan as (span: ReadableSpan, service: string, statusTag: string, errorTag: string) => object
  const translated = spans.map((span) =>
    translate(span, String(span.resource.attributes['service.name']), 'otel.status_code', 'error'),
  )
  return new Uint8Array(Buffer.from(JSON.stringify(translated)))
}
