import type { AnyValue, Attributes, Link, SpanContext } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { SpanIdentity } from '../sdk/span-identity.ts'
import { delimited, tagOf, type WireWriter } from './wire-writer.ts'

const VARINT = 0
const FIXED64 = 1
const FIXED32 = 5

/** Field tags of opentelemetry/proto/common/v1/common.proto. */
const KEY = delimited(1)
const VALUE = delimited(2)
const STRING = delimited(1)
const BOOL = tagOf(2, VARINT)
const INT = tagOf(3, VARINT)
const DOUBLE = tagOf(4, FIXED64)
const ARRAY = delimited(5)
const MAP = delimited(6)
const BYTES = delimited(7)
/** The elements of an ArrayValue and a KeyValueList. */
const ELEMENT = delimited(1)

/** `SpanFlags` of trace.proto: whether `is_remote` of the parent is known, and its value. */
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200

/** Fields of `Span` in trace.proto; the first three are also fields of `Link`. */
const TRACE_ID = delimited(1)
const SPAN_ID = delimited(2)
const TRACE_STATE = delimited(3)
const PARENT_ID = delimited(4)
const FLAGS = tagOf(16, FIXED32)
/** A field of `ScopeSpans`. */
export const SPAN_FIELD: number = delimited(2)
/** Fields of `Span`. */
export const NAME: number = delimited(5)
export const KIND: number = tagOf(6, VARINT)
export const START_TIME: number = tagOf(7, FIXED64)
export const END_TIME: number = tagOf(8, FIXED64)
export const ATTRIBUTES: number = delimited(9)

export function writeSpan(writer: WireWriter, span: ReadableSpan): void {
  const message = writer.beginLong(SPAN_FIELD)
  const context = span.spanContext()
  const parent = span.parentSpanContext
  writeParentage(writer, context, parent)
  writer.text(NAME, span.name)
  writer.varint(KIND, span.kind + 1)
  writer.nanoseconds(START_TIME, span.startTime)
  writer.nanoseconds(END_TIME, span.endTime)
  writeAttributes(writer, ATTRIBUTES, span.attributes)
  writer.varint(tagOf(10, VARINT), span.droppedAttributesCount)
  for (const event of span.events) writeEvent(writer, event)
  writer.varint(tagOf(12, VARINT), span.droppedEventsCount)
  for (const link of span.links) writeLink(writer, link)
  writer.varint(tagOf(14, VARINT), span.droppedLinksCount)
  writeStatus(writer, span.status)
  writeSpanFlags(writer, context.traceFlags, parent)
  writer.endLong(message)
}

/** Writes the ids of a span and of its parent. */
function writeParentage(writer: WireWriter, context: SpanContext, parent: SpanContext | undefined): void {
  writeIds(writer, context)
  if (parent?.spanId) writer.hex(PARENT_ID, parent.spanId)
}

/** Writes the same for a span whose ids may not exist as text. */
export function writeIdentity(writer: WireWriter, identity: SpanIdentity, parent: SpanContext | undefined): void {
  identity.writeTraceId(writer, TRACE_ID)
  identity.writeSpanId(writer, SPAN_ID)
  const state = identity.traceState?.serialize()
  if (state) writer.text(TRACE_STATE, state)
  if (parent?.spanId) writer.hex(PARENT_ID, parent.spanId)
}

export function writeSpanFlags(writer: WireWriter, traceFlags: number, parent: SpanContext | undefined): void {
  writeFlags(writer, FLAGS, traceFlags, parent?.isRemote)
}

/** Writes the first three fields of a span or a link. */
function writeIds(writer: WireWriter, { traceId, spanId, traceState }: SpanContext): void {
  writer.hex(TRACE_ID, traceId)
  writer.hex(SPAN_ID, spanId)
  const state = traceState?.serialize()
  if (state) writer.text(TRACE_STATE, state)
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

export function writeStatus(writer: WireWriter, { code, message: text }: ReadableSpan['status']): void {
  const message = writer.begin(delimited(15))
  if (text) writer.text(delimited(2), text)
  writer.varint(tagOf(3, VARINT), code)
  writer.end(message)
}

function writeFlags(writer: WireWriter, tag: number, traceFlags: number, isRemote: boolean | undefined): void {
  writer.fixed32(tag, (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote ? IS_REMOTE : 0))
}

export function writeAttributes(writer: WireWriter, tag: number, attributes: Attributes): void {
  for (const key in attributes) {
    if (!Object.hasOwn(attributes, key)) continue
    const message = writer.begin(tag)
    writer.text(KEY, key)
    writeValue(writer, VALUE, attributes[key])
    writer.end(message)
  }
}

/** Writes one attribute. */
export function writeTextAttribute(writer: WireWriter, tag: number, key: string, text: string): void {
  const message = writer.begin(tag)
  writer.text(KEY, key)
  const value = writer.begin(VALUE)
  writer.text(STRING, text)
  writer.end(value)
  writer.end(message)
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
