import type { OtlpSettings } from '../settings/settings.ts'
import { delimitedAt, delimitedHead } from './protobuf-frames.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A part of an export request with the number of its items (spans, log records or data points). */
export interface Part {
  readonly body: Bytes
  readonly items: number
}

/**
 * Splits an export request into parts of at most `maxBytes`, unless a part is a single item (for metrics: a single
 * metric). The resource and the scope are repeated in each. Returns undefined when the request cannot be split: it is a
 * single item, or its format is unknown.
 */
export function splitBody(
  protocol: OtlpSettings['protocol'],
  { body, items }: Part,
  maxBytes: number,
): Part[] | undefined {
  try {
    const units = protocol === 'grpc' || protocol === 'http/protobuf' ? protobufUnits(body) : jsonUnits(protocol, body)
    if (units.length < 2) return undefined
    const parts = packed(units, maxBytes).map((group) => ({
      body: group.map(({ bytes }) => bytes),
      // The items of metrics are data points, of which a metric has several: they are shared out evenly, with an exact
      // sum.
      units: group.length,
    }))
    let before = 0
    let given = 0
    return parts.map(({ body: pieces, units: count }) => {
      before += count
      const share = Math.round((items * before) / units.length) - given
      given += share
      return { body: assembled(protocol, pieces), items: share }
    })
  } catch {
    return undefined
  }
}

/** One item with its resource and scope around it. */
interface Unit {
  readonly bytes: Buffer
}

function packed(units: readonly Unit[], maxBytes: number): Unit[][] {
  const groups: Unit[][] = []
  let bytes = Infinity
  for (const unit of units) {
    if (bytes + unit.bytes.length > maxBytes) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)?.push(unit)
    bytes += unit.bytes.length
  }
  // The body was too large as a whole even if its units alone are not: split it in half.
  const [only = []] = groups
  const half = Math.ceil(only.length / 2)
  return groups.length > 1 ? groups : [only.slice(0, half), only.slice(half)]
}

/**
 * Returns the items of a request, each wrapped in its scope and resource. `ResourceSpans`, `ResourceLogs` and
 * `ResourceMetrics` are field 1 of their request; the resource is field 1 of these and each scope's message field 2, in
 * which the scope is field 1 and an item field 2 (opentelemetry-proto).
 */
function protobufUnits(body: Uint8Array): Unit[] {
  const request = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const units: Unit[] = []
  for (const ofResource of delimitedAt(request)) {
    const outer = delimitedAt(ofResource.content)
    const aroundScopes = outer.filter(({ field }) => field !== 2).map(({ whole }) => whole)
    for (const ofScope of outer.filter(({ field }) => field === 2)) {
      const inner = delimitedAt(ofScope.content)
      const aroundItems = inner.filter(({ field }) => field !== 2).map(({ whole }) => whole)
      for (const { whole } of inner.filter(({ field }) => field === 2)) {
        const scope = message(2, [...aroundItems, whole])
        units.push({ bytes: message(1, [...aroundScopes, scope]) })
      }
    }
  }
  return units
}

function message(field: number, contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, content) => sum + content.length, 0)
  return Buffer.concat([delimitedHead(field, length), ...contents])
}

/** Joins items into one request. Messages of one resource or scope may repeat: receivers merge them. */
function assembled(protocol: OtlpSettings['protocol'], pieces: readonly Buffer[]): Bytes {
  if (protocol === 'grpc' || protocol === 'http/protobuf') return new Uint8Array(Buffer.concat(pieces))
  const parsed = pieces.map((piece) => JSON.parse(piece.toString()) as unknown)
  if (protocol === 'zipkin') return new Uint8Array(Buffer.from(JSON.stringify(parsed)))
  const requests = parsed as Record<string, unknown[]>[]
  const [name = ''] = Object.keys(requests[0] ?? {})
  return new Uint8Array(Buffer.from(JSON.stringify({ [name]: requests.flatMap((request) => request[name] ?? []) })))
}

type Json = Record<string, unknown>

/** The names of the lists below a resource and below a scope. */
const LISTS: Readonly<Record<string, readonly [scopes: string, items: string]>> = {
  resourceSpans: ['scopeSpans', 'spans'],
  resourceMetrics: ['scopeMetrics', 'metrics'],
  resourceLogs: ['scopeLogs', 'logRecords'],
}

const unit = (value: unknown): Unit => ({ bytes: Buffer.from(JSON.stringify(value)) })

function jsonUnits(protocol: OtlpSettings['protocol'], body: Uint8Array): Unit[] {
  const request = JSON.parse(Buffer.from(body).toString()) as Json
  if (protocol === 'zipkin') return (request as unknown as unknown[]).map((span) => unit(span))
  const [name = ''] = Object.keys(request)
  const [scopes = '', items = ''] = LISTS[name] ?? []
  return (request[name] as Json[]).flatMap((resource) =>
    (resource[scopes] as Json[]).flatMap((scope) =>
      (scope[items] as unknown[]).map((item) =>
        unit({ [name]: [{ ...resource, [scopes]: [{ ...scope, [items]: [item] }] }] }),
      ),
    ),
  )
}
