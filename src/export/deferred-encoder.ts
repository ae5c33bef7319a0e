import type { Redaction } from '../privacy/redaction.ts'
import type { DeferredSpan, SharedAttributes, SpanEnding } from '../sdk/deferred-span.ts'
import {
  ATTRIBUTES,
  END_TIME,
  KIND,
  NAME,
  SPAN,
  START_TIME,
  writeAttributes,
  writeIdentity,
  writeSpanFlags,
  writeStatus,
} from './span-fields.ts'
import { WireWriter } from './wire-writer.ts'

type Redacting = Pick<Redaction, 'attributes' | 'text'>

/**
 * Writes a `DeferredSpan` as `SpanEncoder` writes the SDK's span that it stands for, but for the order of attributes: what
 * many spans have in common is encoded, and redacted, once.
 */
export function writeDeferred(writer: WireWriter, span: DeferredSpan, ending: SpanEnding, redaction: Redacting): void {
  const { facts, identity, parentSpanContext: parent } = span
  const message = writer.beginLong(SPAN)
  writeIdentity(writer, identity, parent)
  if (ending.name === undefined) writer.text(NAME, redaction.text(facts.name))
  writer.varint(KIND, facts.kind + 1)
  writeTime(writer, START_TIME, facts.startedAtEpochMs, 0)
  writeTime(writer, END_TIME, facts.startedAtEpochMs, span.durationMs)
  for (const shared of facts.shared) writer.bytes((shared.encoded ??= encodeShared(shared, redaction)))
  writeAttributes(writer, ATTRIBUTES, redaction.attributes(facts.own(), identity))
  writer.bytes((ending.encoded ??= encodeEnding(ending, redaction)))
  writeSpanFlags(writer, identity.traceFlags, parent)
  writer.endLong(message)
}

/** As `later` of deferred-span.ts, which is the time that the SDK's span has. */
function writeTime(writer: WireWriter, tag: number, epochMs: number, durationMs: number): void {
  const nanos = (epochMs % 1000) * 1e6 + Math.round(durationMs * 1e6)
  writer.nanoseconds(tag, Math.floor(epochMs / 1000) + Math.floor(nanos / 1e9), nanos % 1e9)
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
