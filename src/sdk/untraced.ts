import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

let isOwnWorkWatched = false

/** Called when an instrumentation may watch files, sockets or look-ups of this process. */
export function expectOwnWorkWatched(): void {
  isOwnWorkWatched = true
}

/** Runs work of ours that an instrumentation which is always on would trace: a call over HTTP. */
export function untraced<Result>(work: () => Result): Result {
  return context.with(suppressTracing(ROOT_CONTEXT), work)
}

/**
 * Runs our own use of files and bare sockets: where the app has `fs` or `net` instrumented, these are not the app's. It enters
 * no context where nothing watches: on Node 22 the first context enables `async_hooks` for good, which shows in the stack of
 * what an exit listener throws.
 */
export function untracedWhereWatched<Result>(work: () => Result): Result {
  return isOwnWorkWatched ? untraced(work) : work()
}
