import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Redaction } from '../privacy/redaction.ts'
import { DeferredSpan } from '../sdk/deferred-span.ts'
import type { Encoder } from './batcher.ts'
import { cutSpan, MAX_SPAN_BYTES } from './cut-span.ts'
import { writeDeferred } from './deferred-encoder.ts'
import { writeAttributes, writeSpan } from './span-fields.ts'
import { delimited, tagOf, WireWriter } from './wire-writer.ts'

/** Larger buffers are released with their batch; a usual batch of 512 spans takes half of this. */
const MAX_SPARE_BYTES = 512 * 1024

const VARINT = 0

/** The spans of one scope, each with its tag and length: the content of a `ScopeSpans` message except for the scope. */
interface EncodedSpans {
  readonly resource: Resource
  readonly scope: InstrumentationScope
  readonly writer: WireWriter
}

/**
 * Encodes spans as an `ExportTraceServiceRequest` (opentelemetry/proto/trace/v1/trace.proto), byte for byte like the
 * SDK's serializer. A span is encoded when it ends, for two reasons: objects that wait for a batch outlive the young
 * generation and are copied on the way, and no turn of the event loop should serialise a whole batch.
 */
export class SpanEncoder implements Encoder<ReadableSpan> {
  /** By the scope object of a tracer, which belongs to one resource. */
  readonly #groups = new Map<InstrumentationScope, EncodedSpans>()
  readonly #redaction: Pick<Redaction, 'span' | 'attributes' | 'text' | 'keepsPlain'>
  #sizeBytes = 0

  /** `redaction` removes secrets from a span before it is encoded. */
  constructor(redaction: Pick<Redaction, 'span' | 'attributes' | 'text' | 'keepsPlain'>) {
    this.#redaction = redaction
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  add(span: ReadableSpan): void {
    const ending = span instanceof DeferredSpan ? span.deferredEnding : undefined
    if (ending === undefined) this.#redaction.span(span)
    const { writer } = this.#groupOf(span)
    const before = writer.length
    try {
      if (ending === undefined) writeSpan(writer, span)
      else writeDeferred(writer, span as DeferredSpan, ending, this.#redaction)
      // A deferred span has few attributes and a URL, which are never that long.
      if (ending === undefined && writer.length - before > MAX_SPAN_BYTES) {
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
      // Scopes without spans this time may have no more. The other buffers already have the right size for the next
      // batch.
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
