import type { Redaction } from '../privacy/redaction.ts'
import type { DeferredSpan, SharedAttributes, SpanEnding } from '../sdk/deferred-span.ts'
import {
  ATTRIBUTES,
  END_TIME,
  KIND,
  NAME,
  SPAN_FIELD,
  START_TIME,
  writeAttributes,
  writeIdentity,
  writeSpanFlags,
  writeStatus,
  writeTextAttribute,
} from './span-fields.ts'
import { WireWriter } from './wire-writer.ts'

type Redacting = Pick<Redaction, 'attributes' | 'text' | 'keepsPlain'>

/**
 * Writes a `DeferredSpan` as `SpanEncoder` writes the corresponding SDK span, except for the order of attributes. What
 * many spans have in common is encoded and redacted once.
 */
export function writeDeferred(writer: WireWriter, span: DeferredSpan, ending: SpanEnding, redaction: Redacting): void {
  const { facts, identity, parentSpanContext: parent } = span
  const message = writer.beginLong(SPAN_FIELD)
  writeIdentity(writer, identity, parent)
  if (ending.name === undefined) writer.text(NAME, redaction.text(facts.name))
  writer.varint(KIND, facts.kind + 1)
  const seconds = Math.floor(facts.startedAtEpochMs / 1000)
  const nanos = (facts.startedAtEpochMs % 1000) * 1e6
  writer.time(START_TIME, seconds, nanos)
  writer.time(END_TIME, seconds, nanos + Math.round(span.durationMs * 1e6))
  for (const shared of facts.shared) writer.bytes((shared.encoded ??= encodeShared(shared, redaction)))
  const plain = redaction.keepsPlain ? facts.plainValue : undefined
  if (plain === undefined) writeAttributes(writer, ATTRIBUTES, redaction.attributes(facts.own(), identity))
  else writeTextAttribute(writer, ATTRIBUTES, facts.plainName, plain)
  writer.bytes((ending.encoded ??= encodeEnding(ending, redaction)))
  writeSpanFlags(writer, identity.traceFlags, parent)
  writer.endLong(message)
}

function encodeShared({ attributes }: SharedAttributes, redaction: Redacting): Uint8Array {
  const writer = new WireWriter(256)
  writeAttributes(writer, ATTRIBUTES, redaction.attributes({ ...attributes }))
  return writer.taken()
}

function encodeEnding({ name, attributes, status }: SpanEnding, redaction: Redacting): Uint8Array {
  const writer = new WireWriter(256)
  if (name !== undefined) writer.text(NAME, redaction.text(name))
  writeAttributes(writer, ATTRIBUTES, redaction.attributes({ ...attributes }))
  writeStatus(writer, status)
  return writer.taken()
}
