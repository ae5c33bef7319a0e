import {
  type Attributes,
  type AttributeValue,
  type Context,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
} from '@opentelemetry/api'
import type { InstrumentationScope } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { DeferredTracer } from './deferred-tracer.ts'
import type { SpanIdentity } from './span-identity.ts'

/** Attributes that many spans have in common. */
export interface SharedAttributes {
  readonly attributes: Attributes
  /** For the encoder to keep. */
  encoded?: Uint8Array
}

/** What a span begins with. */
export interface SpanFacts {
  readonly name: string
  readonly kind: SpanKind
  readonly parentContext: Context
  readonly startedAtEpochMs: number
  /** By `performance.now()`. */
  readonly startedAtMs: number
  readonly shared: readonly SharedAttributes[]
  /** Those that are this span's alone; a new object each time. */
  own(): Attributes
}

/** What a span ends with; the same object for spans that end alike. */
export interface SpanEnding {
  /** Undefined: as it is by then. */
  readonly name: string | undefined
  readonly attributes: Attributes
  readonly status: SpanStatus
  /** For the encoder to keep. */
  encoded?: Uint8Array
}

export type SdkSpan = Span & ReadableSpan

const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET })

/**
 * A span whose beginning and end are known to the instrumentation that makes it, and that nobody else writes to in most cases:
 * it is then encoded from those two, and costs no attributes, arrays and limits. Whatever the specification lets others do
 * with it makes it a span of the SDK, which does that.
 */
export class DeferredSpan implements Span, ReadableSpan {
  readonly facts: SpanFacts
  readonly parentSpanContext?: SpanContext
  readonly identity: SpanIdentity
  readonly #tracer: DeferredTracer
  readonly #countEnd: (() => void) | undefined
  #sdkSpan: SdkSpan | undefined
  #ending: SpanEnding | undefined
  #durationMs = 0

  constructor(
    tracer: DeferredTracer,
    facts: SpanFacts,
    identity: SpanIdentity,
    parent: SpanContext | undefined,
    countEnd: (() => void) | undefined,
  ) {
    this.#tracer = tracer
    this.facts = facts
    this.identity = identity
    if (parent !== undefined) this.parentSpanContext = parent
    this.#countEnd = countEnd
  }

  /** Undefined where this is a span of the SDK, or has not ended. */
  get deferredEnding(): SpanEnding | undefined {
    return this.#sdkSpan === undefined ? this.#ending : undefined
  }

  /** What ends it instead of `end()`. `endedAtMs`: by `performance.now()`. */
  finish(ending: SpanEnding, endedAtMs: number): void {
    const durationMs = Math.max(0, endedAtMs - this.facts.startedAtMs)
    const span = this.#sdkSpan
    if (span === undefined) {
      this.#ending = ending
      this.#durationMs = durationMs
      this.#countEnd?.()
      this.#tracer.ended(this)
    } else if (!span.ended) {
      endAs(span, ending, later(this.facts.startedAtEpochMs, durationMs))
    }
  }

  spanContext(): SpanContext {
    return this.identity.spanContext()
  }

  isRecording(): boolean {
    return this.#sdkSpan === undefined ? this.#ending === undefined : this.#sdkSpan.isRecording()
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#asSdkSpan().setAttribute(key, value)
    return this
  }

  setAttributes(attributes: Attributes): this {
    this.#asSdkSpan().setAttributes(attributes)
    return this
  }

  addEvent(name: string, attributesOrStartTime?: Attributes | TimeInput, startTime?: TimeInput): this {
    this.#asSdkSpan().addEvent(name, attributesOrStartTime, startTime)
    return this
  }

  addLink(link: Link): this {
    this.#asSdkSpan().addLink(link)
    return this
  }

  addLinks(links: Link[]): this {
    this.#asSdkSpan().addLinks(links)
    return this
  }

  setStatus(status: SpanStatus): this {
    this.#asSdkSpan().setStatus(status)
    return this
  }

  updateName(name: string): this {
    this.#asSdkSpan().updateName(name)
    return this
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#asSdkSpan().recordException(exception, time)
  }

  end(endTime?: TimeInput): void {
    this.#asSdkSpan().end(endTime)
  }

  get name(): string {
    return this.#sdkSpan?.name ?? this.#ending?.name ?? this.facts.name
  }

  get kind(): SpanKind {
    return this.facts.kind
  }

  get startTime(): HrTime {
    return this.#sdkSpan?.startTime ?? later(this.facts.startedAtEpochMs, 0)
  }

  get endTime(): HrTime {
    if (this.#sdkSpan !== undefined) return this.#sdkSpan.endTime
    return this.#ending === undefined ? [0, 0] : later(this.facts.startedAtEpochMs, this.#durationMs)
  }

  get duration(): HrTime {
    return this.#asSdkSpan().duration
  }

  get ended(): boolean {
    return this.#sdkSpan?.ended ?? this.#ending !== undefined
  }

  get status(): SpanStatus {
    return this.#sdkSpan?.status ?? this.#ending?.status ?? UNSET
  }

  get attributes(): Attributes {
    return this.#asSdkSpan().attributes
  }

  get links(): ReadableSpan['links'] {
    return this.#asSdkSpan().links
  }

  get events(): ReadableSpan['events'] {
    return this.#asSdkSpan().events
  }

  get resource(): Resource {
    return this.#tracer.resource
  }

  get instrumentationScope(): InstrumentationScope {
    return this.#tracer.instrumentationScope
  }

  get droppedAttributesCount(): number {
    return this.#sdkSpan?.droppedAttributesCount ?? 0
  }

  get droppedEventsCount(): number {
    return this.#sdkSpan?.droppedEventsCount ?? 0
  }

  get droppedLinksCount(): number {
    return this.#sdkSpan?.droppedLinksCount ?? 0
  }

  /** From now on, what it is. One that has ended was exported already, so that this one is not. */
  #asSdkSpan(): SdkSpan {
    let span = this.#sdkSpan
    if (span !== undefined) return span
    const ending = this.#ending
    span = this.#tracer.materialise(this.facts, this.identity.spanContext(), this.#countEnd, ending === undefined)
    if (ending !== undefined) endAs(span, ending, later(this.facts.startedAtEpochMs, this.#durationMs))
    this.#sdkSpan = span
    return span
  }
}

function endAs(span: SdkSpan, { name, attributes, status }: SpanEnding, endTime: HrTime): void {
  span.setAttributes(attributes)
  if (status.code !== SpanStatusCode.UNSET) span.setStatus(status)
  if (name !== undefined) span.updateName(name)
  span.end(endTime)
}

/** Without the loss of precision that a sum in milliseconds since the epoch has. */
export function later(epochMs: number, durationMs: number): HrTime {
  const nanos = (epochMs % 1000) * 1e6 + Math.round(durationMs * 1e6)
  return [Math.floor(epochMs / 1000) + Math.floor(nanos / 1e9), nanos % 1e9]
}
