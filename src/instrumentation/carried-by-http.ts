import { type Context, createContextKey } from '@opentelemetry/api'

const CARRIED = createContextKey('@paxx/obs operation carried by HTTP')

/**
 * The context of an operation whose own span tells of the HTTP requests that carry it, as the conventions have it for Elasticsearch. These
 * requests have no spans; they are measured, and their headers name the span of the operation.
 */
export function carriedByHttp(context: Context): Context {
  return context.setValue(CARRIED, true)
}

export function isCarriedByHttp(context: Context): boolean {
  return context.getValue(CARRIED) === true
}
