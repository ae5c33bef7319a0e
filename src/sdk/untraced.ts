import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

/** Runs our own use of files and sockets: where the app has `fs` or `net` instrumented, these are not the app's. */
export function untraced<Result>(work: () => Result): Result {
  return context.with(suppressTracing(ROOT_CONTEXT), work)
}
