import { bodyText, hasRemoteParent } from './otlp-protobuf.ts'
import { type Attributes, type OtlpValue, type LogRecord, type Span, SPAN_KINDS } from './spans-and-logs.ts'

/** Reads OTLP/JSON requests. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
type OtlpJson = Readonly<Record<string, any>>

export function readTracesJson(request: OtlpJson): Span[] {
  return list(request['resourceSpans']).flatMap(({ resource, scopeSpans }) =>
    list(scopeSpans).flatMap(({ scope, spans }) =>
      list(spans).map((span) => toSpan(span, scope?.name ?? '', attributes(resource?.attributes))),
    ),
  )
}

export function readLogsJson(request: OtlpJson): LogRecord[] {
  return list(request['resourceLogs']).flatMap(({ resource, scopeLogs }) =>
    list(scopeLogs).flatMap(({ logRecords }) =>
      list(logRecords).map((record) => toLogRecord(record, attributes(resource?.attributes))),
    ),
  )
}

/** Reads Zipkin spans. https://zipkin.io/zipkin-api/ */
export function readZipkin(spans: readonly OtlpJson[]): Span[] {
  return spans.map((span) => ({
    traceId: span['traceId'],
    spanId: span['id'],
    parentId: span['parentId'] || undefined,
    hasRemoteParent: undefined,
    name: span['name'] ?? '',
    kind: span['kind']?.toLowerCase() ?? 'internal',
    startMs: span['timestamp'] / 1000,
    endMs: (span['timestamp'] + (span['duration'] ?? 0)) / 1000,
    attributes: span['tags'] ?? {},
    events: list(span['annotations']).map(({ value, timestamp }) => ({
      name: value,
      atMs: timestamp / 1000,
      attributes: {},
    })),
    links: [],
    failed: span['tags']?.['otel.status_code'] === 'ERROR',
    statusMessage: span['tags']?.['error'] ?? '',
    scope: span['tags']?.['otel.scope.name'] ?? '',
    resource: { 'service.name': span['localEndpoint']?.serviceName ?? '' },
  }))
}

function toSpan(span: OtlpJson, scope: string, resource: Attributes): Span {
  return {
    traceId: span['traceId'],
    spanId: span['spanId'],
    parentId: span['parentSpanId'] || undefined,
    hasRemoteParent: hasRemoteParent(Number(span['flags'] ?? 0)),
    name: span['name'],
    kind: SPAN_KINDS[span['kind']] ?? 'internal',
    startMs: Number(span['startTimeUnixNano']) / 1e6,
    endMs: Number(span['endTimeUnixNano']) / 1e6,
    attributes: attributes(span['attributes']),
    events: list(span['events']).map((event) => ({
      name: event['name'],
      atMs: Number(event['timeUnixNano']) / 1e6,
      attributes: attributes(event['attributes']),
    })),
    links: list(span['links']).map((link) => ({
      traceId: link['traceId'],
      spanId: link['spanId'],
      attributes: attributes(link['attributes']),
    })),
    failed: span['status']?.code === 2,
    statusMessage: span['status']?.message ?? '',
    scope,
    resource,
  }
}

function toLogRecord(record: OtlpJson, resource: Attributes): LogRecord {
  return {
    atMs: Number(record['timeUnixNano'] ?? record['observedTimeUnixNano']) / 1e6,
    severity: record['severityText'] ?? '',
    severityNumber: record['severityNumber'] ?? 0,
    body: bodyText(value(record['body'])),
    traceId: record['traceId'] || undefined,
    spanId: record['spanId'] || undefined,
    attributes: attributes(record['attributes']),
    resource,
  }
}

function attributes(pairs: unknown): Attributes {
  return Object.fromEntries(list(pairs).map((pair) => [pair['key'], value(pair['value'])]))
}

function value(any: OtlpJson | undefined): OtlpValue {
  if (any === undefined) return null
  if ('intValue' in any) return Number(any['intValue'])
  if ('arrayValue' in any) return list(any['arrayValue'].values).map(value)
  if ('kvlistValue' in any) return attributes(any['kvlistValue'].values)
  return any['stringValue'] ?? any['boolValue'] ?? any['doubleValue'] ?? any['bytesValue'] ?? null
}

function list(of: unknown): readonly OtlpJson[] {
  return Array.isArray(of) ? of : []
}
