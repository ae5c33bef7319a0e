import { types } from 'node:util'
import { type Span, SpanStatusCode } from '@opentelemetry/api'
import type { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { SocketIoInstrumentation } from '@opentelemetry/instrumentation-socket.io'
import { resemble } from '../resemble.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown

/**
 * A listener that wraps another one: Node's emitter finds the original by `listener` in `off`, `listeners` and
 * `listenerCount`.
 */
type Listener = Method & { listener?: unknown }

interface Emitter {
  removeListener(event: unknown, listener: Method): unknown
}

interface Options {
  readonly frameworkSpans?: 'none' | 'handlers' | 'all'
}

/**
 * The internals of the instrumentation that are used here (instrumentation-socket.io 0.300; the version is inlined).
 */
interface Upstream {
  getConfig(): Options
  init(): InstrumentationNodeModuleDefinition[]
  _patchOn(moduleVersion: string): (original: Method) => Method
  endSpan(work: () => unknown, span: Span): unknown
}

const Base: new (config?: object) => Upstream = SocketIoInstrumentation as unknown as new (config?: object) => Upstream

/**
 * Makes spans for socket.io's events, if enabled: a socket may have hundreds of events per second. Without spans, its
 * listeners are the app's own. With spans they can still be removed, fire once where they should, and are listed as the
 * app's own.
 */
export class TransparentSocketIoInstrumentation extends Base {
  override init(): InstrumentationNodeModuleDefinition[] {
    const definitions = super.init()
    const { frameworkSpans = 'none' } = this.getConfig()
    if (frameworkSpans !== 'none') return definitions
    for (const definition of definitions) {
      definition.patch = (exports: object) => exports
      definition.files = []
    }
    return definitions
  }

  override _patchOn(moduleVersion: string): (original: Method) => Method {
    const patch = super._patchOn(moduleVersion)
    return (original) =>
      function (this: unknown, event, listener, ...others) {
        if (typeof listener !== 'function') return Reflect.apply(original, this, [event, listener, ...others])
        // Upstream registers its wrapper or, for ignored events, the listener itself.
        const patched = patch(function (this: unknown, _event, traced) {
          const registered = traced === listener ? traced : standIn(event, listener as Listener, traced as Method)
          return Reflect.apply(original, this, [event, registered])
        })
        return Reflect.apply(patched, this, [event, listener])
      }
  }

  /** Upstream calls `then` of any value that has one, which would run a query builder that a handler returns. */
  override endSpan(work: () => unknown, span: Span): unknown {
    let result: unknown
    let hasReturned = false
    try {
      result = work()
      hasReturned = true
    } finally {
      // There is no `catch` here: for an uncaught exception, Node.js prints the line that threw last.
      if (!hasReturned) span.setStatus({ code: SpanStatusCode.ERROR }).end()
    }
    return types.isPromise(result) ? super.endSpan(() => result, span) : super.endSpan(() => undefined, span)
  }
}

function standIn(event: unknown, listener: Listener, traced: Method): Listener {
  // `once` registers a wrapper that removes itself by identity before it calls the app's listener.
  const isOnce = typeof listener.listener === 'function'
  const registered: Listener = function (this: unknown, ...args) {
    if (isOnce) (this as Emitter).removeListener(event, registered)
    return Reflect.apply(traced, this, args)
  }
  resemble(registered, listener)
  registered.listener = isOnce ? listener.listener : listener
  return registered
}
