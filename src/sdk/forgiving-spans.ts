import type { Span } from '@opentelemetry/api'
import { Guard } from '../base/guard.ts'

/**
 * A value that an app passes to a span may throw when it is read: a getter, a proxy, an accessor of a destroyed object.
 * Without an SDK, the API reads nothing, and according to the specification no API method throws
 * (https://opentelemetry.io/docs/specs/otel/error-handling/). Such a value is omitted.
 */

/** All methods that set attributes call `setAttribute`. */
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

type SpanMethod = (this: unknown, first?: unknown, second?: unknown, third?: unknown) => unknown

let isForgiving = false
const guard = new Guard('reading a value that the app passed to a span', 'such values are omitted')

/** Makes the class of the SDK's spans tolerate such values. `span` is an instance of it. */
export function forgiveReads(span: Span): void {
  if (isForgiving) return
  isForgiving = true
  const prototype = Object.getPrototypeOf(span) as Record<string, SpanMethod>
  for (const name of METHODS) {
    const method = prototype[name] as SpanMethod
    prototype[name] = function (first, second, third) {
      try {
        return method.call(this, first, second, third)
      } catch (thrown) {
        warnUnreadable(thrown)
        return this
      }
    }
  }
  const end = prototype['end'] as SpanMethod
  prototype['end'] = function (time) {
    try {
      return end.call(this, time)
    } catch (thrown) {
      warnUnreadable(thrown)
      return end.call(this)
    }
  }
}

/** Logs once, because an app that passes such a value does so for each span. */
export function warnUnreadable(thrown: unknown): void {
  guard.failed(thrown)
}
