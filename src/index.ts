import {
  context,
  type Meter,
  metrics,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { types } from 'node:util'
import type { Handle } from './base/handle.ts'

/**
 * The public API, for everything that zero-code telemetry cannot know. Without a running preload, its functions do
 * nothing. `@opentelemetry/api` can be used in addition or instead.
 */

const DEFAULT_TIMEOUT_MS = 10_000

function handle(): Handle | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for('@paxx/obs')] as Handle | undefined
}

/** Returns a tracer for your own spans. `name` is that of your package or component. */
export function getTracer(name: string, version?: string): Tracer {
  return handle()?.getTracer?.(name, version) ?? trace.getTracer(name, version)
}

/** Returns a meter for your own counters, histograms and gauges, which the side port serves as well. */
export function getMeter(name: string, version?: string): Meter {
  return handle()?.getMeter?.(name, version) ?? metrics.getMeter(name, version)
}

/**
 * Runs `work` inside a span, which ends when `work` returns or when its promise settles. Returns or throws what `work`
 * does; for a promise, returns one that settles in the same way, so that an unhandled rejection stays unhandled. An
 * error is recorded on the span and sets its status.
 */
export function withSpan<Result>(name: string, work: (span: Span) => Result): Result
export function withSpan<Result>(name: string, options: SpanOptions, work: (span: Span) => Result): Result
export function withSpan<Result>(
  name: string,
  optionsOrWork: SpanOptions | ((span: Span) => Result),
  workOrNothing?: (span: Span) => Result,
): Result {
  const [options, work] =
    typeof optionsOrWork === 'function' ? [{}, optionsOrWork] : [optionsOrWork, workOrNothing as (span: Span) => Result]
  return getTracer('@paxx/obs').startActiveSpan(name, options, (span) => {
    try {
      const result = work(span)
      if (!isThenable(result)) {
        span.end()
        return result
      }
      return (types.isPromise(result) ? endsSpan(span, result) : endsSpanWhenAwaited(span, result)) as Result
    } catch (thrown) {
      fail(span, thrown)
      throw thrown
    }
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

function endsSpan(span: Span, promise: PromiseLike<unknown>): PromiseLike<unknown> {
  return promise.then(
    (value) => {
      span.end()
      return value
    },
    (thrown: unknown) => {
      fail(span, thrown)
      throw thrown
    },
  )
}

/**
 * Returns a thenable that ends the span once it is awaited. `then` must not be called here, because it starts the query
 * of a query builder.
 */
function endsSpanWhenAwaited(span: Span, thenable: PromiseLike<unknown>): PromiseLike<unknown> {
  const { then } = thenable
  const asked: PromiseLike<unknown>['then'] = (onFulfilled, onRejected) =>
    Reflect.apply(then, thenable, [
      (value: unknown) => {
        span.end()
        return onFulfilled == null ? value : onFulfilled(value)
      },
      (thrown: unknown) => {
        fail(span, thrown)
        if (onRejected == null) throw thrown
        return onRejected(thrown)
      },
    ]) as never
  // oxlint-disable-next-line unicorn/no-thenable -- it has one already
  const isWatched = Reflect.defineProperty(thenable, 'then', { configurable: true, writable: true, value: asked })
  if (!isWatched) span.end()
  return thenable
}

function fail(span: Span, thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : textOf(thrown)
  span.recordException(error)
  span.setStatus({ code: SpanStatusCode.ERROR, message: typeof error === 'string' ? error : error.message })
  span.end()
}

function textOf(thrown: unknown): string {
  try {
    return String(thrown) || typeof thrown
  } catch {
    return typeof thrown // an object without a prototype
  }
}

/**
 * The key of the metadata that the HTTP instrumentation reads when it ends a server span
 * (core/src/trace/rpc-metadata.ts).
 */
const RPC_METADATA = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA')

/**
 * Sets the route template (`/users/:id`) of the request being handled, for servers and frameworks without an
 * instrumentation. It becomes `http.route` of the server span and of the request metrics, and `endpoint` on the side
 * port.
 */
export function setRoute(route: string): void {
  const active = handle()?.activeContext?.() ?? context.active()
  const metadata = active.getValue(RPC_METADATA) as { route?: string } | undefined
  if (metadata !== undefined) metadata.route = route
}

/**
 * Exports everything that has ended so far. Resolves with false if not everything was delivered within `timeoutMs`
 * (default 10,000).
 */
export async function forceFlush(timeoutMs: number = DEFAULT_TIMEOUT_MS): Promise<boolean> {
  return (await handle()?.flush?.(timeoutMs)) ?? true
}

/**
 * Exports everything that has ended so far, like `forceFlush()`, and makes `/readyz` answer 503 from then on. Call it
 * at the end of the app's own shutdown. A complete export does not need it, because the preload exports the rest
 * whenever the process ends.
 */
export async function shutdown(timeoutMs: number = DEFAULT_TIMEOUT_MS): Promise<boolean> {
  setReady(false)
  return forceFlush(timeoutMs)
}

/** Sets whether `/readyz` answers 200 (the default) or 503. */
export function setReady(ready: boolean): void {
  handle()?.setReady?.(ready)
}
