import type { OtlpSettings } from '../settings/settings.ts'
import { delimitedAt, delimitedHead } from './protobuf-frames.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A part of an export request, and how many of its items (spans, log records, data points) are in it. */
export interface Part {
  readonly body: Bytes
  readonly items: number
}

/**
 * An export request as several, none of more than `maxBytes` unless it is one item (of metrics: one metric). Undefined where it
 * cannot be split: it is one item, or nothing that is known. The resource and the scope are repeated in each.
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
      // Metrics count by data points, which come in metrics: shared out by their number, and exact in sum.
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

/** One item with what stands around it. */
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
  // It was too large as one, whatever was counted.
  const [only = []] = groups
  const half = Math.ceil(only.length / 2)
  return groups.length > 1 ? groups : [only.slice(0, half), only.slice(half)]
}

/**
 * `ResourceSpans`, `ResourceLogs` and `ResourceMetrics` are field 1 of their request; in them the resource is field 1 and what is of
 * a scope field 2, in which the scope is field 1 and an item field 2 (opentelemetry-proto).
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

/** Scopes' messages of one resource may repeat: what reads them adds them up. */
function assembled(protocol: OtlpSettings['protocol'], pieces: readonly Buffer[]): Bytes {
  if (protocol === 'grpc' || protocol === 'http/protobuf') return new Uint8Array(Buffer.concat(pieces))
  const parsed = pieces.map((piece) => JSON.parse(piece.toString()) as unknown)
  if (protocol === 'zipkin') return new Uint8Array(Buffer.from(JSON.stringify(parsed)))
  const requests = parsed as Record<string, unknown[]>[]
  const [name = ''] = Object.keys(requests[0] ?? {})
  return new Uint8Array(Buffer.from(JSON.stringify({ [name]: requests.flatMap((request) => request[name] ?? []) })))
}

type Json = Record<string, unknown>

/** Names of the lists below a resource and below a scope. */
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
