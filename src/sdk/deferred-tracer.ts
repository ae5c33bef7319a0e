import {
  type Attributes,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
  type Tracer,
  TraceFlags,
} from '@opentelemetry/api'
import { type InstrumentationScope, isTracingSuppressed } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import { SamplingDecision, type SpanProcessor } from '@opentelemetry/sdk-trace'
import { DeferredSpan, type SdkSpan, type SpanFacts } from './deferred-span.ts'
import { RandomIds } from './random-ids.ts'
import { SpanIdentity } from './span-identity.ts'
import { reportingSpan } from './span-routes.ts'
import type { SdkSpanState, SdkTracer } from './sdk-internals.ts'
import type { TracerMetrics } from './tracer-metrics.ts'
import { UnrecordedSpan } from './unrecorded-span.ts'

/** A processor that reads nothing when a span starts and accepts an ended `DeferredSpan`. */
export interface DeferringProcessor extends SpanProcessor {
  readonly takesDeferred: boolean
}

const NOT_VALID: SpanContext = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: TraceFlags.NONE }
const NOTHING = { spanContext: NOT_VALID, countEnd: undefined }
const NO_ATTRIBUTES = Object.freeze({})
const NO_LINKS: [] = []

/** Matches the samplers of the specification, alone or nested: none of them reads attributes. */
const WITHOUT_ATTRIBUTES =
  /^(?:AlwaysOnSampler|AlwaysOffSampler|TraceIdRatioBased\{[\d.e-]+\}|ParentBased|\{|\}|, |\w+=)+$/

const NO_PROCESSOR: SpanProcessor = {
  onStart() {},
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
}

/** Starts spans that become SDK spans only on demand (`DeferredSpan`). */
export class DeferredTracer {
  readonly instrumentationScope: InstrumentationScope
  readonly resource: Resource
  readonly #sdk: SdkTracer
  readonly #processors: readonly SpanProcessor[]
  /** Whether the sampler reads trace ids. */
  readonly #samplesById: boolean
  /** The context of the SDK span that is being created. */
  #making: { readonly spanContext: SpanContext; readonly countEnd: (() => void) | undefined } = NOTHING
  readonly #exporting: Tracer
  readonly #silent: Tracer

  private constructor(sdk: SdkTracer, processors: readonly SpanProcessor[]) {
    this.instrumentationScope = sdk.instrumentationScope
    this.resource = sdk._resource
    this.#sdk = sdk
    this.#processors = processors
    this.#samplesById = sdk._sampler.toString().includes('TraceIdRatioBased')
    this.#exporting = this.#tracerWith(sdk._spanProcessor)
    this.#silent = this.#tracerWith(NO_PROCESSOR)
  }

  /** Returns undefined when spans must be SDK spans from the start, or when the tracer belongs to another SDK. */
  static of(tracer: Tracer): DeferredTracer | undefined {
    const sdk = tracer as Partial<SdkTracer>
    const processors = sdk._spanProcessor?._spanProcessors
    if (sdk._sampler === undefined || processors === undefined || sdk._tracerMetrics === undefined) return undefined
    if (!processors.every((processor) => (processor as Partial<DeferringProcessor>).takesDeferred === true))
      return undefined
    if (!WITHOUT_ATTRIBUTES.test(sdk._sampler.toString())) return undefined
    const { attributeCountLimit = 128, attributeValueLengthLimit = Infinity } = sdk._spanLimits ?? {}
    if (attributeCountLimit < 32 || attributeValueLengthLimit !== Infinity) return undefined
    return new DeferredTracer(sdk as SdkTracer, processors as readonly SpanProcessor[])
  }

  /** Starts a span like the SDK's `startSpan`. */
  start(facts: SpanFacts): Span {
    const { parentContext, name, kind } = facts
    const hasParent = parentContext !== ROOT_CONTEXT
    if (hasParent && isTracingSuppressed(parentContext)) return trace.wrapSpanContext(NOT_VALID)
    const { _idGenerator: ids, _sampler: sampler, _tracerMetrics: metrics } = this.#sdk
    const around = hasParent ? trace.getSpan(parentContext) : undefined
    const enclosing = around?.spanContext()
    // Ids that were generated here are valid.
    const isValid = enclosing !== undefined && (around instanceof DeferredSpan || isSpanContextValid(enclosing))
    const parent = isValid ? enclosing : undefined
    const identity =
      ids instanceof RandomIds
        ? SpanIdentity.drawn(ids.draw, parent?.traceId)
        : SpanIdentity.of(parent?.traceId ?? ids.generateTraceId(), ids.generateSpanId())
    const traceId = this.#samplesById ? identity.traceId : ''
    const result = sampler.shouldSample(parentContext, traceId, name, kind, NO_ATTRIBUTES, NO_LINKS)
    const { decision } = result
    const countEnd = metrics.startSpan(enclosing, decision)
    if (decision === SamplingDecision.RECORD_AND_SAMPLED) identity.traceFlags = TraceFlags.SAMPLED
    identity.traceState = result.traceState ?? parent?.traceState
    if (decision === SamplingDecision.NOT_RECORD) return new UnrecordedSpan(identity)
    return new DeferredSpan(this, facts, identity, parent, countEnd)
  }

  ended(span: DeferredSpan): void {
    for (const processor of this.#processors) processor.onEnd(span)
  }

  /** Creates the SDK span. `exports` passes its end to the processors. */
  materialise(
    facts: SpanFacts,
    spanContext: SpanContext,
    countEnd: (() => void) | undefined,
    exports: boolean,
  ): SdkSpan {
    const { name, kind, parentContext, startedAtEpochMs, startedAtMs } = facts
    const attributes = Object.assign({}, ...facts.shared.map((shared) => shared.attributes), facts.own()) as Attributes
    this.#making = { spanContext, countEnd }
    const tracer = exports ? this.#exporting : this.#silent
    const options = { kind, attributes, startTime: startedAtEpochMs }
    const span = reportingSpan(tracer.startSpan(name, options, parentContext) as SdkSpan)
    // Otherwise a span with a given start time would use the clock in whole milliseconds.
    Object.assign(span as unknown as SdkSpanState, {
      _spanContext: spanContext,
      _startTimeProvided: false,
      _performanceStartTime: startedAtMs,
      _performanceOffset: startedAtEpochMs - (startedAtMs + performance.timeOrigin),
    } satisfies SdkSpanState)
    return span
  }

  /** Returns the SDK's tracer for spans of which everything is decided. */
  #tracerWith(processor: SpanProcessor): Tracer {
    const own: Partial<SdkTracer> = {
      _spanProcessor: processor,
      _sampler: {
        shouldSample: () => ({
          decision:
            this.#making.spanContext.traceFlags === TraceFlags.SAMPLED
              ? SamplingDecision.RECORD_AND_SAMPLED
              : SamplingDecision.RECORD,
        }),
      },
      _idGenerator: {
        generateTraceId: () => this.#making.spanContext.traceId,
        generateSpanId: () => this.#making.spanContext.spanId,
      },
      _tracerMetrics: { startSpan: () => this.#making.countEnd } as unknown as TracerMetrics,
    }
    return Object.assign(Object.create(this.#sdk) as Tracer, own)
  }
}
