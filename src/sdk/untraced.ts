import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

let isOwnWorkWatched = false

/** Called when an instrumentation may watch files, sockets or look-ups of this process. */
export function expectOwnWorkWatched(): void {
  isOwnWorkWatched = true
}

/** Runs our own work with tracing suppressed, for calls over HTTP, which are always instrumented. */
export function untraced<Result>(work: () => Result): Result {
  return context.with(suppressTracing(ROOT_CONTEXT), work)
}

/**
 * Runs our own use of files and sockets with tracing suppressed when the app may have `fs` or `net` instrumented.
 * Otherwise it enters no context: on Node 22 the first context enables `async_hooks` for good, which shows in the stack
 * of errors thrown by an exit listener.
 */
export function untracedWhereWatched<Result>(work: () => Result): Result {
  return isOwnWorkWatched ? untraced(work) : work()
}
