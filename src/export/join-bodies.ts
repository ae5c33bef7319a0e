import type { OtlpSettings } from '../settings/settings.ts'

type Bytes = Uint8Array<ArrayBuffer>

/**
 * Joins several export requests of one signal. Requests serialised by threads of one process have the same resource,
 * which is then written once.
 */
export function joinBodies(protocol: OtlpSettings['protocol'], bodies: readonly Bytes[]): Bytes {
  const [first = new Uint8Array()] = bodies
  if (bodies.length < 2) return first
  if (protocol === 'zipkin') return bytes(Buffer.from(JSON.stringify(bodies.flatMap((body) => parsed(body)))))
  return protocol === 'http/json' ? joinJson(bodies) : joinProtobuf(bodies)
}

/** `{"resourceSpans":[…]}` and `{"resourceLogs":[…]}`. */
function joinJson(bodies: readonly Bytes[]): Bytes {
  const requests = bodies.map((body) => parsed(body) as Record<string, unknown[]>)
  const [name = ''] = Object.keys(requests[0] ?? {})
  return bytes(Buffer.from(JSON.stringify({ [name]: requests.flatMap((request) => request[name] ?? []) })))
}

function parsed(body: Bytes): unknown {
  return JSON.parse(Buffer.from(body).toString())
}

/**
 * The tag of field 1, length-delimited: `resource_spans` or `resource_logs` of a request, and `resource` inside each.
 */
const TAG = 0x0a

/** Concatenated protobuf messages merge their repeated fields. Requests of one resource become one `ResourceSpans`. */
function joinProtobuf(bodies: readonly Bytes[]): Bytes {
  const parts = bodies.map(partsOf)
  const [first] = parts
  if (first === undefined || !parts.every((part) => part !== undefined && part.resource.equals(first.resource))) {
    return bytes(Buffer.concat(bodies))
  }
  const rest = parts.map((part) => part?.rest ?? Buffer.alloc(0))
  const length = rest.reduce((sum, { byteLength }) => sum + byteLength, first.resource.byteLength)
  return bytes(Buffer.concat([Buffer.from([TAG, ...varint(length)]), first.resource, ...rest]))
}

interface Parts {
  /** The encoded resource with its tag and length. */
  readonly resource: Buffer
  readonly rest: Buffer
}

/** Returns undefined when the request is laid out differently, which is just as valid. */
function partsOf(body: Bytes): Parts | undefined {
  const request = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const outer = delimited(request, 0)
  if (outer === undefined || outer.end !== request.byteLength) return undefined
  const inner = delimited(request, outer.start)
  if (inner === undefined || inner.end > outer.end) return undefined
  return { resource: request.subarray(outer.start, inner.end), rest: request.subarray(inner.end, outer.end) }
}

function delimited(buffer: Buffer, at: number): { start: number; end: number } | undefined {
  if (buffer[at] !== TAG) return undefined
  let length = 0
  for (let shift = 0, next = at + 1; shift < 32; shift += 7, next++) {
    const byte = buffer[next] ?? 0
    length += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return { start: next + 1, end: next + 1 + length }
  }
  return undefined
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))]
}

/** Copies a buffer into memory of its own, which can be transferred. */
function bytes(buffer: Buffer): Bytes {
  return new Uint8Array(buffer)
}
