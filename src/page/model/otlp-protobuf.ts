import { PbfReader } from 'pbf'
import {
  type Attributes,
  type OtlpValue,
  type LogRecord,
  type Span,
  SPAN_KINDS,
  type SpanEvent,
  type SpanLink,
} from './spans-and-logs.ts'

/**
 * Reads `ExportTraceServiceRequest` and `ExportLogsServiceRequest` with the field numbers of
 * https://github.com/open-telemetry/opentelemetry-proto (trace.proto, logs.proto, common.proto). Unknown fields are skipped.
 */
export function readTracesProtobuf(bytes: Uint8Array): Span[] {
  return readResources(bytes, 2, readSpan)
}

export function readLogsProtobuf(bytes: Uint8Array): LogRecord[] {
  return readResources(bytes, 2, readLogRecord)
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }
type Origin = { readonly resource: Attributes; readonly scope: string }
type ReadItem<Item> = (pbf: PbfReader, origin: Origin) => Item

/** Our encoders write the resource and the scope before the items; otherwise a second pass would be needed. */
function readResources<Item>(bytes: Uint8Array, itemField: number, readItem: ReadItem<Item>): Item[] {
  const items: Item[] = []
  new PbfReader(bytes).readFields((tag, _, pbf) => {
    if (tag === 1)
      pbf.readMessage((inner, state, each) => readResource(inner, state, each, itemField, readItem), {
        resource: {} as Attributes,
        items,
      })
  }, undefined)
  return items
}

function readResource<Item>(
  tag: number,
  state: { resource: Attributes; items: Item[] },
  pbf: PbfReader,
  itemField: number,
  readItem: ReadItem<Item>,
): void {
  if (tag === 1) state.resource = readAttributesIn(pbf)
  if (tag !== 2) return
  const { resource, items } = state
  pbf.readMessage(
    (inner, scoped, each) => {
      if (inner === 1) scoped.scope = readScopeName(each)
      else if (inner === itemField) items.push(readItem(each, { resource, scope: scoped.scope }))
    },
    { scope: '' },
  )
}

function readAttributesIn(pbf: PbfReader): Attributes {
  return pbf.readMessage(
    (tag, attributes, each) => {
      if (tag === 1) readKeyValue(each, attributes)
    },
    {} as Record<string, OtlpValue>,
  )
}

function readScopeName(pbf: PbfReader): string {
  return pbf.readMessage(
    (tag, scope, each) => {
      if (tag === 1) scope.name = each.readString()
    },
    { name: '' },
  ).name
}

function readKeyValue(pbf: PbfReader, attributes: Record<string, OtlpValue>): void {
  const { key, value } = pbf.readMessage(
    (tag, pair, each) => {
      if (tag === 1) pair.key = each.readString()
      else if (tag === 2) pair.value = readValue(each)
    },
    { key: '', value: null as OtlpValue },
  )
  // A name such as __proto__ must be stored like any other.
  Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true })
}

function readValue(pbf: PbfReader): OtlpValue {
  return pbf.readMessage(
    (tag, holder, each) => {
      if (tag === 1) holder.value = each.readString()
      else if (tag === 2) holder.value = each.readBoolean()
      else if (tag === 3) holder.value = each.readVarint(true)
      else if (tag === 4) holder.value = each.readDouble()
      else if (tag === 5) holder.value = readArray(each)
      else if (tag === 6) holder.value = readAttributesIn(each)
      else if (tag === 7) holder.value = hex(each.readBytes())
    },
    { value: null as OtlpValue },
  ).value
}

function readArray(pbf: PbfReader): OtlpValue[] {
  return pbf.readMessage((tag, values, each) => {
    if (tag === 1) values.push(readValue(each))
  }, [] as OtlpValue[])
}

function readSpan(pbf: PbfReader, { resource, scope }: Origin): Span {
  const attributes: Record<string, OtlpValue> = {}
  const events: SpanEvent[] = []
  const links: SpanLink[] = []
  const span: Mutable<Span> = {
    traceId: '',
    spanId: '',
    parentId: undefined,
    hasRemoteParent: undefined,
    name: '',
    kind: 'internal',
    startMs: 0,
    endMs: 0,
    attributes,
    events,
    links,
    failed: false,
    statusMessage: '',
    scope,
    resource,
  }
  pbf.readMessage((tag, to, each) => {
    if (tag === 1) to.traceId = hex(each.readBytes())
    else if (tag === 2) to.spanId = hex(each.readBytes())
    else if (tag === 4) to.parentId = hex(each.readBytes()) || undefined
    else if (tag === 5) to.name = each.readString()
    else if (tag === 6) to.kind = SPAN_KINDS[each.readVarint()] ?? 'internal'
    else if (tag === 7) to.startMs = each.readFixed64() / 1e6
    else if (tag === 8) to.endMs = each.readFixed64() / 1e6
    else if (tag === 9) readKeyValue(each, attributes)
    else if (tag === 11) events.push(readEvent(each))
    else if (tag === 13) links.push(readLink(each))
    else if (tag === 15) readStatus(each, to)
    else if (tag === 16) to.hasRemoteParent = hasRemoteParent(each.readFixed32())
  }, span)
  return span
}

/** Bits of `SpanFlags` in trace.proto: whether it is known that the parent is remote, and whether it is. */
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200

export function hasRemoteParent(flags: number): boolean | undefined {
  return (flags & HAS_IS_REMOTE) === 0 ? undefined : (flags & IS_REMOTE) !== 0
}

function readEvent(pbf: PbfReader): SpanEvent {
  const attributes: Record<string, OtlpValue> = {}
  return pbf.readMessage(
    (tag, event, each) => {
      if (tag === 1) event.atMs = each.readFixed64() / 1e6
      else if (tag === 2) event.name = each.readString()
      else if (tag === 3) readKeyValue(each, attributes)
    },
    { name: '', atMs: 0, attributes },
  )
}

function readLink(pbf: PbfReader): SpanLink {
  const attributes: Record<string, OtlpValue> = {}
  return pbf.readMessage(
    (tag, link, each) => {
      if (tag === 1) link.traceId = hex(each.readBytes())
      else if (tag === 2) link.spanId = hex(each.readBytes())
      else if (tag === 4) readKeyValue(each, attributes)
    },
    { traceId: '', spanId: '', attributes },
  )
}

function readStatus(pbf: PbfReader, span: Mutable<Span>): void {
  pbf.readMessage((tag, to, each) => {
    if (tag === 2) to.statusMessage = each.readString()
    else if (tag === 3) to.failed = each.readVarint() === 2
  }, span)
}

function readLogRecord(pbf: PbfReader, { resource }: Origin): LogRecord {
  const attributes: Record<string, OtlpValue> = {}
  const record: Mutable<LogRecord> = {
    atMs: 0,
    severity: '',
    severityNumber: 0,
    body: '',
    traceId: undefined,
    spanId: undefined,
    attributes,
    resource,
  }
  pbf.readMessage((tag, to, each) => {
    if (tag === 1) to.atMs = each.readFixed64() / 1e6
    else if (tag === 11) to.atMs ||= each.readFixed64() / 1e6
    else if (tag === 2) to.severityNumber = each.readVarint()
    else if (tag === 3) to.severity = each.readString()
    else if (tag === 5) to.body = bodyText(readValue(each))
    else if (tag === 6) readKeyValue(each, attributes)
    else if (tag === 9) to.traceId = hex(each.readBytes()) || undefined
    else if (tag === 10) to.spanId = hex(each.readBytes()) || undefined
  }, record)
  return record
}

export function bodyText(value: OtlpValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function hex(bytes: Uint8Array): string {
  let digits = ''
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0')
  return digits
}
