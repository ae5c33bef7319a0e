import type { Span } from '@opentelemetry/api'
import { reasonOf, warn } from '../base/diag.ts'

/**
 * What an app hands to a span may throw when it is read: a getter, a proxy, the accessor of an object that is gone. The API without an
 * SDK reads none of it, and the specification has no method of the API throw
 * (https://opentelemetry.io/docs/specs/otel/error-handling/): such a value costs itself.
 */

/** All that set attributes come through `setAttribute`. */
const METHODS = [
  'setAttribute',
  'setAttributes',
  'addEvent',
  'addLink',
  'addLinks',
  'setStatus',
  'updateName',
  'recordException',
] as const

type Method = (this: unknown, first?: unknown, second?: unknown, third?: unknown) => unknown

let isForgiving = false
let isSaid = false

/** Makes the class of the SDK's spans, of which this is one, forgive. */
export function forgiveReads(span: Span): void {
  if (isForgiving) return
  isForgiving = true
  const prototype = Object.getPrototypeOf(span) as Record<string, Method>
  for (const name of METHODS) {
    const method = prototype[name] as Method
    prototype[name] = function (first, second, third) {
      try {
        return method.call(this, first, second, third)
      } catch (thrown) {
        warnUnreadable(thrown)
        return this
      }
    }
  }
  const end = prototype['end'] as Method
  prototype['end'] = function (time) {
    try {
      return end.call(this, time)
    } catch (thrown) {
      warnUnreadable(thrown)
      return end.call(this)
    }
  }
}

/** Once: an app that does it does it for each span. */
export function warnUnreadable(thrown: unknown): void {
  if (isSaid) return
  isSaid = true
  warn(`a value of the app could not be read for its span (${reasonOf(thrown)}); spans go without such values`)
}
