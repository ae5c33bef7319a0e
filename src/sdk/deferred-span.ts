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

/** A set of attributes that many spans share. */
export interface SharedAttributes {
  readonly attributes: Attributes
  /** A cache for the encoder. */
  encoded?: Uint8Array
}

/** The facts that are known when a span starts. */
export interface SpanFacts {
  readonly name: string
  readonly kind: SpanKind
  readonly parentContext: Context
  readonly startedAtEpochMs: number
  /** In the time of `performance.now()`. */
  readonly startedAtMs: number
  readonly shared: readonly SharedAttributes[]
  /** Returns the attributes of this span alone, as a new object each time. */
  own(): Attributes
  /** The name of the attribute that `plainValue` is the value of. */
  readonly plainName: 'url.path' | 'url.full'
  /**
   * The only attribute of this span alone, if it is certain that no rule of privacy applies to it (`isPlainPath`).
   * Undefined if `own()` has to be asked.
   */
  readonly plainValue: string | undefined
}

/** The facts that are known when a span ends. Spans that end alike share one object. */
export interface SpanEnding {
  /** The final name; undefined to keep the current one. */
  readonly name: string | undefined
  readonly attributes: Attributes
  readonly status: SpanStatus
  /** A cache for the encoder. */
  encoded?: Uint8Array
}

export type SdkSpan = Span & ReadableSpan

const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET })

/**
 * A span whose start and end are known to its instrumentation and that nobody else modifies in most cases. It is then
 * encoded from those two, without attribute maps, arrays and limits. Any other use that the specification allows turns
 * it into a span of the SDK.
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

  /** Returns the ending when this span has ended without becoming an SDK span; otherwise undefined. */
  get deferredEnding(): SpanEnding | undefined {
    return this.#sdkSpan === undefined ? this.#ending : undefined
  }

  /** The time between start and end; 0 until the span has ended. */
  get durationMs(): number {
    return this.#durationMs
  }

  /** Ends the span, instead of `end()`. `endedAtMs` is in the time of `performance.now()`. */
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

  /** Turns this span into an SDK span. A span that has ended was exported already, so the SDK span is not. */
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

/**
 * Returns the time `durationMs` after `epochMs` without the loss of precision of a sum in milliseconds since the epoch.
 */
export function later(epochMs: number, durationMs: number): HrTime {
  const nanos = (epochMs % 1000) * 1e6 + Math.round(durationMs * 1e6)
  return [Math.floor(epochMs / 1000) + Math.floor(nanos / 1e9), nanos % 1e9]
}
