import { type Context, createContextKey } from '@opentelemetry/api'

const CARRIED = createContextKey('@paxx/obs operation carried by HTTP')

/**
 * Returns the context for an operation whose own span describes the HTTP requests that carry it, as the conventions
 * require for Elasticsearch. These requests get no spans of their own; they are measured, and their headers refer to
 * the operation's span.
 */
export function carriedByHttp(context: Context): Context {
  return context.setValue(CARRIED, true)
}

/** Returns a context for code of the app that runs within such an operation. */
export function notCarriedByHttp(context: Context): Context {
  return context.deleteValue(CARRIED)
}

export function isCarriedByHttp(context: Context): boolean {
  return context.getValue(CARRIED) === true
}
