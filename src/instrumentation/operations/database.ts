import {
  type Attributes,
  type Context,
  context,
  type Histogram,
  INVALID_SPAN_CONTEXT,
  type Meter,
  type Span,
  SpanKind,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api'
import { InternedAttributes } from '../interned-attributes.ts'
import type { ClientOperations } from './client.ts'
import { OperationSpan, type OperationOutcome } from './operation-span.ts'
import { operationNameOf } from './operation-name.ts'

export interface ObservedClient {
  readonly client: ClientOperations
  /** Operations without a parent get no span, but are measured. */
  readonly requiresParentSpan: boolean
  readonly isActive: (instrumentation: string) => boolean
}

/** Semantic conventions, db/database-metrics. */
const BOUNDARIES = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/**
 * Records `db.client.operation.duration` for every client whose instrumentation does not. All of them start a span with
 * the conventional attributes for each operation, even if the sampler then drops it, so the tracer that is passed to
 * them sees every operation.
 */
export class DatabaseOperations {
  readonly #durations: Histogram
  readonly #sets = new InternedAttributes()

  constructor(meter: Meter) {
    this.#durations = meter.createHistogram('db.client.operation.duration', {
      unit: 's',
      description: 'Duration of database client operations.',
      advice: { explicitBucketBoundaries: BOUNDARIES },
    })
  }

  observe(provider: TracerProvider, measured: ObservedClient): TracerProvider {
    return {
      getTracer: (...args) => new OperationTracer(provider.getTracer(...args), measured, this.#record),
    }
  }

  readonly #record = (outcome: OperationOutcome, client: ClientOperations): void => {
    const attributes = this.#attributesOf(outcome, client)
    this.#durations.record(outcome.durationMs / 1000, attributes, outcome.context)
  }

  #attributesOf({ spanName, attributes, errorType }: OperationOutcome, client: ClientOperations): Attributes {
    const system = attributes['db.system.name']
    const operation = operationNameOf(client, spanName, attributes)
    let key = `${String(system)}\n${operation}\n${errorType}`
    for (const name of KEPT) key += `\n${String(attributes[name])}`
    return this.#sets.get(key, () => {
      const all: Attributes = {
        'db.system.name': client.systems?.[String(system)] ?? system,
        'db.operation.name': operation,
        'error.type': errorType,
      }
      for (const name of KEPT) all[name] = attributes[name]
      return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
    })
  }
}

/** The attributes of the span that the metric has as well. The text of the query is not one of them. */
const KEPT = ['db.namespace', 'db.collection.name', 'db.response.status_code', 'server.address', 'server.port']

type Record = (outcome: OperationOutcome, client: ClientOperations) => void

class OperationTracer implements Tracer {
  readonly #tracer: Tracer
  readonly #measured: ObservedClient
  readonly #record: Record

  constructor(tracer: Tracer, measured: ObservedClient, record: Record) {
    this.#tracer = tracer
    this.#measured = measured
    this.#record = record
  }

  startSpan(name: string, options: SpanOptions = {}, parentContext: Context = context.active()): Span {
    const parent = trace.getSpan(parentContext)
    const { client, requiresParentSpan } = this.#measured
    const isOperation = this.#isOperation(name, options)
    if (this.#isOfDriver(options)) return standInFor(parent)
    const outer = parent instanceof OperationSpan && parent.measuredBy === this && isOperation ? parent : undefined
    // A call that passes the operation on (from a pool's query to a connection) belongs to the same operation.
    if (outer?.handsOn(options.attributes ?? {}) === true) return standInFor(parent)
    const span =
      requiresParentSpan && parent === undefined
        ? trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
        : this.#tracer.startSpan(name, options, parentContext)
    if (!isOperation) return span
    // An operation that consists of others is measured as these.
    outer?.leaveToOther()
    return new OperationSpan(span, this, name, options.attributes ?? {}, (outcome) => {
      this.#record(
        { ...outcome, context: span.isRecording() ? trace.setSpan(parentContext, span) : parentContext },
        client,
      )
    })
  }

  startActiveSpan(...args: unknown[]): never {
    // No instrumentation of a database client calls this method; spans started by it are not measured.
    return (this.#tracer.startActiveSpan as (...args: unknown[]) => never).apply(this.#tracer, args)
  }

  #isOperation(name: string, { kind, attributes }: SpanOptions): boolean {
    const isOfDatabase = kind === SpanKind.CLIENT && typeof attributes?.['db.system.name'] === 'string'
    return isOfDatabase && this.#measured.client.unmeasuredSpans?.has(name) !== true
  }

  /** If the underlying driver is instrumented, the operation belongs to the driver. */
  #isOfDriver({ attributes = {} }: SpanOptions): boolean {
    const { client, isActive } = this.#measured
    const driver = client.drivers?.[String(attributes['db.system.name'])]
    return driver !== undefined && isActive(driver)
  }
}

/** Returns a placeholder span: spans started within it get the parent they would have had without it. */
function standInFor(parent: Span | undefined): Span {
  return trace.wrapSpanContext(parent?.spanContext() ?? INVALID_SPAN_CONTEXT)
}
