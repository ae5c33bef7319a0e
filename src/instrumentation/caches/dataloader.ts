import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { DataloaderInstrumentation } from '@opentelemetry/instrumentation-dataloader'
import { resemble } from '../resemble.ts'

type Method<This = unknown> = (this: This, ...args: unknown[]) => unknown

/** What is used of DataLoader's inside (dataloader 2). */
interface Loader {
  _batchLoadFn: Method
  readonly _batch?: { spanLinks?: object[] } | null
}

/** What is used of the instrumentation's inside (instrumentation-dataloader 0.300; the version is inlined). */
interface Upstream {
  readonly tracer: { startSpan(name: string, options: object): Span }
  isEnabled(): boolean
  shouldCreateSpans(): boolean
  getSpanName(loader: unknown, operation: string): string
}

const Base: new (config?: object) => Upstream = DataloaderInstrumentation as unknown as new (
  config?: object,
) => Upstream

/**
 * The instrumentation of DataLoader that leaves the class as it is: upstream's exports a function of another name in its
 * place, and fails where a batch function does not return a promise.
 */
export class TransparentDataloaderInstrumentation extends Base {
  /** The loaders whose batch function is wrapped. */
  readonly #watched = new WeakSet<Loader>()

  _getPatchedConstructor(constructor: unknown): unknown {
    return constructor
  }

  _getPatchedLoad(original: Method): Method<Loader> {
    const startSpan = (loader: Loader): Span | undefined => {
      this.#watchBatches(loader)
      return this.#startSpan(loader, 'load', { kind: SpanKind.CLIENT })
    }
    return function (...args) {
      const span = startSpan(this)
      if (span === undefined) return Reflect.apply(original, this, args)
      const result = during(span, () => Reflect.apply(original, this, args))
      const batch = this._batch
      if (batch) (batch.spanLinks ??= []).push({ context: span.spanContext() })
      return result
    }
  }

  #watchBatches(loader: Loader): void {
    if (this.#watched.has(loader)) return
    this.#watched.add(loader)
    const original = loader._batchLoadFn
    const startSpan = (batching: Loader): Span | undefined =>
      this.isEnabled() ? this.#startSpan(batching, 'batch', { links: batching._batch?.spanLinks ?? [] }) : undefined
    const batched: Method<Loader> = function (...args) {
      const load = (): unknown => Reflect.apply(original, this, args)
      const span = startSpan(this)
      return span === undefined ? load() : during(span, load)
    }
    loader._batchLoadFn = resemble(batched as Method, original)
  }

  #startSpan(loader: Loader, operation: string, options: object): Span | undefined {
    return this.shouldCreateSpans() ? this.tracer.startSpan(this.getSpanName(loader, operation), options) : undefined
  }
}

/** The span is active during `work` and ends with it, or with the promise that it returns. */
function during(span: Span, work: () => unknown): unknown {
  let result: unknown
  let hasReturned = false
  try {
    result = context.with(trace.setSpan(context.active(), span), work)
    hasReturned = true
  } finally {
    // Not in a `catch`: Node shows the line that threw last above the stack of a crash.
    if (!hasReturned) span.setStatus({ code: SpanStatusCode.ERROR }).end()
  }
  if (!isThenable(result)) {
    span.end()
    return result
  }
  // Its result is returned in the place of the promise: `then` of a query builder runs the query, each time.
  return result.then(
    (value) => {
      span.end()
      return value
    },
    (error: unknown) => {
      endFailed(span, error)
      throw error
    },
  )
}

function endFailed(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : String(error)
  span.recordException(exception)
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) })
  span.end()
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function'
}
