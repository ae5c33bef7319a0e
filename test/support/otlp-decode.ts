/** Decodes export requests, in protobuf or JSON, into flat lists. */
export type Attributes = Readonly<Record<string, unknown>>

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  readonly startNanos: bigint
  readonly endNanos: bigint
  readonly attributes: Attributes
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[]
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly attributes: Attributes }[]
  readonly status: 'unset' | 'ok' | 'error'
  readonly statusMessage: string
  readonly scope: string
  readonly resource: Attributes
}

export interface ReceivedMetric {
  readonly name: string
  readonly unit: string
  readonly type: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary'
  readonly points: readonly ReceivedPoint[]
  readonly scope: string
  readonly resource: Attributes
}

export interface ReceivedPoint {
  readonly attributes: Attributes
  /** The value of a gauge or a sum, or the sum of a histogram. */
  readonly value: number
  readonly count: number
  readonly exemplars: readonly { readonly traceId: string; readonly spanId: string; readonly value: number }[]
}

export interface ReceivedLog {
  readonly body: unknown
  readonly severity: string
  readonly traceId: string
  readonly spanId: string
  readonly attributes: Attributes
  readonly scope: string
  readonly resource: Attributes
}

type Raw = Record<string, any>

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const STATUSES = ['unset', 'ok', 'error'] as const

export function spansOf(request: Raw): ReceivedSpan[] {
  return each(request, 'resourceSpans', 'scopeSpans', 'spans', (span, origin) => ({
    traceId: hex(span['traceId']),
    spanId: hex(span['spanId']),
    parentSpanId: hex(span['parentSpanId']),
    name: span['name'] ?? '',
    kind: KINDS[span['kind'] ?? 0] ?? 'unspecified',
    startNanos: BigInt(String(span['startTimeUnixNano'] ?? 0)),
    endNanos: BigInt(String(span['endTimeUnixNano'] ?? 0)),
    attributes: attributesOf(span),
    events: list(span, 'events').map((event) => ({ name: event['name'] ?? '', attributes: attributesOf(event) })),
    links: list(span, 'links').map((link) => ({
      traceId: hex(link['traceId']),
      spanId: hex(link['spanId']),
      attributes: attributesOf(link),
    })),
    status: STATUSES[span['status']?.code ?? 0] ?? 'unset',
    statusMessage: span['status']?.message ?? '',
    ...origin,
  }))
}

export function metricsOf(request: Raw): ReceivedMetric[] {
  return each(request, 'resourceMetrics', 'scopeMetrics', 'metrics', (metric, origin) => {
    const types = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const
    const type = types.find((name) => metric[name]) ?? 'gauge'
    const points = list(metric[type] ?? {}, 'dataPoints').map((point) => ({
      attributes: attributesOf(point),
      value: Number(point['asDouble'] ?? point['asInt'] ?? point['sum'] ?? 0),
      count: Number(point['count'] ?? 0),
      exemplars: list(point, 'exemplars').map((exemplar) => ({
        traceId: hex(exemplar['traceId']),
        spanId: hex(exemplar['spanId']),
        value: Number(exemplar['asDouble'] ?? exemplar['asInt'] ?? 0),
      })),
    }))
    return { name: metric['name'] ?? '', unit: metric['unit'] ?? '', type, points, ...origin }
  })
}

export function logsOf(request: Raw): ReceivedLog[] {
  return each(request, 'resourceLogs', 'scopeLogs', 'logRecords', (record, origin) => ({
    body: anyValue(record['body'] ?? {}),
    severity: record['severityText'] ?? '',
    traceId: hex(record['traceId']),
    spanId: hex(record['spanId']),
    attributes: attributesOf(record),
    ...origin,
  }))
}

interface Origin {
  readonly scope: string
  readonly resource: Attributes
}

function each<T>(
  request: Raw,
  resources: string,
  scopes: string,
  items: string,
  read: (item: Raw, origin: Origin) => T,
): T[] {
  return list(request, resources).flatMap((byResource) =>
    list(byResource, scopes).flatMap((byScope) => {
      const origin = { scope: byScope['scope']?.name ?? '', resource: attributesOf(byResource['resource'] ?? {}) }
      return list(byScope, items).map((item) => read(item, origin))
    }),
  )
}

function list(owner: Raw, name: string): Raw[] {
  return owner[name] ?? []
}

function hex(id: unknown): string {
  if (id === undefined || id === null) return ''
  return typeof id === 'string' ? id : Buffer.from(id as Uint8Array).toString('hex')
}

function attributesOf(owner: Raw): Attributes {
  return Object.fromEntries(list(owner, 'attributes').map(({ key, value }) => [key, anyValue(value ?? {})]))
}

function anyValue(value: Raw): unknown {
  if (value['arrayValue']) return list(value['arrayValue'], 'values').map(anyValue)
  if (value['kvlistValue']) {
    return Object.fromEntries(
      list(value['kvlistValue'], 'values').map((pair) => [pair['key'], anyValue(pair['value'])]),
    )
  }
  if (value['intValue'] !== undefined) return Number(value['intValue'])
  return value['stringValue'] ?? value['boolValue'] ?? value['doubleValue'] ?? value['bytesValue']
}
