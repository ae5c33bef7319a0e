import type { AnyValue, Attributes, Link, SpanContext } from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Encoder } from './batcher.ts'
import { cutSpan, MAX_SPAN_BYTES } from './cut-span.ts'
import { delimited, tagOf, WireWriter } from './wire-writer.ts'

/** A buffer that grew beyond that is given back with its batch: a usual batch of 512 spans has half of it. */
const MAX_SPARE_BYTES = 512 * 1024

const VARINT = 0
const FIXED64 = 1
const FIXED32 = 5

/** opentelemetry/proto/common/v1/common.proto */
const KEY = delimited(1)
const VALUE = delimited(2)
const STRING = delimited(1)
const BOOL = tagOf(2, VARINT)
const INT = tagOf(3, VARINT)
const DOUBLE = tagOf(4, FIXED64)
const ARRAY = delimited(5)
const MAP = delimited(6)
const BYTES = delimited(7)
/** In an ArrayValue and a KeyValueList. */
const ELEMENT = delimited(1)

/** `SpanFlags` of trace.proto: whether it is known, and true, that the parent is remote. */
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200

/** The spans of one scope, each with its tag and length: what `ScopeSpans` holds, but for the scope itself. */
interface EncodedSpans {
  readonly resource: Resource
  readonly scope: InstrumentationScope
  readonly writer: WireWriter
}

/**
 * Spans as the bytes of an `ExportTraceServiceRequest` (opentelemetry/proto/trace/v1/trace.proto), byte for byte what the SDK's
 * serializer makes of them. A span is encoded when it ends: it is garbage at once, where objects that wait for a batch
 * outlive the young generation and are copied on the way; and no turn of the event loop has a whole batch to serialise.
 */
export class SpanEncoder implements Encoder<ReadableSpan> {
  /** By the object that a tracer has, and with it one resource. */
  readonly #groups = new Map<InstrumentationScope, EncodedSpans>()
  readonly #prepare: (span: ReadableSpan) => void
  #sizeBytes = 0

  /** `prepare`: what is changed of a span before it leaves. */
  constructor(prepare: (span: ReadableSpan) => void) {
    this.#prepare = prepare
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  add(span: ReadableSpan): void {
    this.#prepare(span)
    const { writer } = this.#groupOf(span)
    const before = writer.length
    try {
      writeSpan(writer, span)
      if (writer.length - before > MAX_SPAN_BYTES) {
        writer.truncate(before)
        writeSpan(writer, cutSpan(span))
      }
    } catch (thrown) {
      writer.truncate(before)
      throw thrown
    }
    this.#sizeBytes += writer.length - before
  }

  finish(): Uint8Array<ArrayBuffer> {
    const groups = [...this.#groups.values()]
    const request = new WireWriter(groups.reduce((sum, { writer }) => sum + writer.length, 4096))
    for (const resource of new Set(groups.map((group) => group.resource))) {
      writeResourceSpans(request, resource, groups)
    }
    for (const { scope, writer } of groups) {
      // Who had nothing this time may have nothing more. The others' buffers have the right size for the next batch.
      if (writer.length === 0 || writer.capacity > MAX_SPARE_BYTES) this.#groups.delete(scope)
      else writer.truncate(0)
    }
    this.#sizeBytes = 0
    return request.taken()
  }

  #groupOf({ resource, instrumentationScope: scope }: ReadableSpan): EncodedSpans {
    let group = this.#groups.get(scope)
    if (group === undefined) this.#groups.set(scope, (group = { resource, scope, writer: new WireWriter() }))
    return group
  }
}

function writeResourceSpans(writer: WireWriter, resource: Resource, groups: readonly EncodedSpans[]): void {
  const resourceSpans = writer.begin(delimited(1))
  const message = writer.begin(delimited(1))
  writeAttributes(writer, delimited(1), resource.attributes)
  writer.varint(tagOf(2, VARINT), 0)
  writer.end(message)
  for (const { resource: of, scope, writer: spans } of groups) {
    if (of !== resource || spans.length === 0) continue
    const scopeSpans = writer.begin(delimited(2))
    writeScope(writer, scope)
    writer.append(spans)
    if (scope.schemaUrl) writer.text(delimited(3), scope.schemaUrl)
    writer.end(scopeSpans)
  }
  if (resource.schemaUrl) writer.text(delimited(3), resource.schemaUrl)
  writer.end(resourceSpans)
}

function writeScope(writer: WireWriter, { name, version }: InstrumentationScope): void {
  const message = writer.begin(delimited(1))
  writer.text(delimited(1), name)
  if (version) writer.text(delimited(2), version)
  writer.end(message)
}

function writeSpan(writer: WireWriter, span: ReadableSpan): void {
  const message = writer.begin(delimited(2))
  const context = span.spanContext()
  const parent = span.parentSpanContext
  writeIds(writer, context)
  if (parent?.spanId) writer.hex(delimited(4), parent.spanId)
  writer.text(delimited(5), span.name)
  writer.varint(tagOf(6, VARINT), span.kind + 1)
  writer.nanoseconds(tagOf(7, FIXED64), span.startTime)
  writer.nanoseconds(tagOf(8, FIXED64), span.endTime)
  writeAttributes(writer, delimited(9), span.attributes)
  writer.varint(tagOf(10, VARINT), span.droppedAttributesCount)
  for (const event of span.events) writeEvent(writer, event)
  writer.varint(tagOf(12, VARINT), span.droppedEventsCount)
  for (const link of span.links) writeLink(writer, link)
  writer.varint(tagOf(14, VARINT), span.droppedLinksCount)
  writeStatus(writer, span.status)
  writeFlags(writer, tagOf(16, FIXED32), context.traceFlags, parent?.isRemote)
  writer.end(message)
}

/** The first three fields of a span and of a link. */
function writeIds(writer: WireWriter, { traceId, spanId, traceState }: SpanContext): void {
  writer.hex(delimited(1), traceId)
  writer.hex(delimited(2), spanId)
  const state = traceState?.serialize()
  if (state) writer.text(delimited(3), state)
}

function writeEvent(writer: WireWriter, event: ReadableSpan['events'][number]): void {
  const message = writer.begin(delimited(11))
  writer.nanoseconds(tagOf(1, FIXED64), event.time)
  writer.text(delimited(2), event.name)
  if (event.attributes) writeAttributes(writer, delimited(3), event.attributes)
  writer.varint(tagOf(4, VARINT), event.droppedAttributesCount ?? 0)
  writer.end(message)
}

function writeLink(writer: WireWriter, { context, attributes, droppedAttributesCount }: Link): void {
  const message = writer.begin(delimited(13))
  writeIds(writer, context)
  if (attributes) writeAttributes(writer, delimited(4), attributes)
  writer.varint(tagOf(5, VARINT), droppedAttributesCount ?? 0)
  writeFlags(writer, tagOf(6, FIXED32), context.traceFlags, context.isRemote)
  writer.end(message)
}

function writeStatus(writer: WireWriter, { code, message: text }: ReadableSpan['status']): void {
  const message = writer.begin(delimited(15))
  if (text) writer.text(delimited(2), text)
  writer.varint(tagOf(3, VARINT), code)
  writer.end(message)
}

function writeFlags(writer: WireWriter, tag: number, traceFlags: number, isRemote: boolean | undefined): void {
  writer.fixed32(tag, (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0))
}

function writeAttributes(writer: WireWriter, tag: number, attributes: Attributes): void {
  for (const key in attributes) {
    if (!Object.hasOwn(attributes, key)) continue
    const message = writer.begin(tag)
    writer.text(KEY, key)
    writeValue(writer, VALUE, attributes[key])
    writer.end(message)
  }
}

function writeValue(writer: WireWriter, tag: number, value: AnyValue | undefined): void {
  const message = writer.begin(tag)
  if (typeof value === 'string') writer.text(STRING, value)
  else if (typeof value === 'number') writeNumber(writer, value)
  else if (typeof value === 'boolean') writer.varint(BOOL, value ? 1 : 0)
  else if (typeof value === 'object' && value !== null) writeNested(writer, value)
  writer.end(message)
}

function writeNumber(writer: WireWriter, value: number): void {
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) writer.varint(INT, value)
  else writer.double(DOUBLE, value)
}

function writeNested(writer: WireWriter, value: object): void {
  if (value instanceof Uint8Array) {
    writer.raw(BYTES, value)
  } else if (Array.isArray(value)) {
    const message = writer.begin(ARRAY)
    for (const element of value as AnyValue[]) writeValue(writer, ELEMENT, element)
    writer.end(message)
  } else {
    const message = writer.begin(MAP)
    writeAttributes(writer, ELEMENT, value as Attributes)
    writer.end(message)
  }
}
