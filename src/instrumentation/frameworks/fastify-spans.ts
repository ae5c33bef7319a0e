import { type Attributes, context, type Span, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'
import type { FrameworkSpans } from './layer-spans.ts'
import { passingOn } from './passing-on.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'

export interface FastifySpansOptions {
  readonly frameworkSpans?: FrameworkSpans
  /** `false` disables spans of handlers. `instrumentHooks` does the same for hooks, or lists those that get spans. */
  readonly instrumentHandler?: boolean
  readonly instrumentHooks?: boolean | readonly string[]
}

interface Reply {
  readonly raw?: { once?(event: 'close', listener: () => void): unknown }
}

type Handler = (this: unknown, request: unknown, reply: Reply, ...rest: unknown[]) => unknown
type Runner = (functions: readonly Handler[], ...rest: unknown[]) => unknown

/** The functions of `lib/hooks.js` that run the functions of one hook for a request in sequence. */
const HOOKS = [
  'onRequest',
  'preParsing',
  'preValidation',
  'preHandler',
  'preSerialization',
  'onSend',
  'onResponse',
  'onTimeout',
] as const

/** Makes spans of hooks. The list of the app's hooks is not changed. */
export function traceHooks(exports: object, tracer: () => Tracer, options: FastifySpansOptions): void {
  const { frameworkSpans = 'none', instrumentHooks = true } = options
  if (frameworkSpans !== 'all' || instrumentHooks === false) return
  for (const hook of HOOKS) {
    if (Array.isArray(instrumentHooks) && !instrumentHooks.includes(hook)) continue
    const traced = new WeakMap<Handler, Handler>()
    const tracedOf = (fn: Handler): Handler => {
      const known = traced.get(fn)
      if (known !== undefined) return known
      const name = nameOf(fn)
      const attributes = { 'fastify.type': 'hook', 'hook.name': hook, 'hook.callback.name': name }
      const made = inPlaceOf(fn, spanning(tracer, fn, `${hook} - ${name}`, attributes))
      traced.set(fn, made)
      return made
    }
    replaceMethod<Runner>(
      exports,
      `${hook}HookRunner`,
      (run) =>
        function (this: unknown, functions, ...rest) {
          return run.call(this, functions.map(tracedOf), ...rest)
        },
    )
  }
}

/** Wraps a route's handler in a span, in the route's context, when the route is first served. */
export function traceHandler(route: { handler?: unknown }, tracer: () => Tracer, options: FastifySpansOptions): void {
  const { frameworkSpans = 'none', instrumentHandler = true } = options
  if (frameworkSpans === 'none' || !instrumentHandler) return
  replaceMethod<Handler>(route, 'handler', (handler) => {
    const name = nameOf(handler)
    const attributes = { 'fastify.type': 'request-handler', 'hook.callback.name': name }
    return spanning(tracer, handler, `handler - ${name}`, attributes)
  })
}

/** Fastify binds functions to their instance, which changes their name. */
function nameOf({ name }: Handler): string {
  return name.replace(/^(?:bound )+/, '') || 'anonymous'
}

/** Wraps a function in a span that ends when it calls back, when its promise settles, or when the response closes. */
function spanning(tracer: () => Tracer, fn: Handler, name: string, attributes: Attributes): Handler {
  return function (this: unknown, request, reply, ...rest) {
    const outside = context.active()
    const span = tracer().startSpan(name, { attributes }, outside)
    endAtClose(reply, span)
    const called = rest.map((each) => (typeof each === 'function' ? callback(span, each as Callback, outside) : each))
    return context.with(trace.setSpan(outside, span), () => {
      try {
        return settled(span, fn.call(this, request, reply, ...called))
      } catch (thrown) {
        failed(span, thrown)
        throw thrown
      }
    })
  }
}

/** The spans of each response. One listener for all of them keeps below the number at which Node.js warns of a leak. */
const spansOf = new WeakMap<object, Span[]>()

function endAtClose({ raw }: Reply, span: Span): void {
  if (raw?.once === undefined) return
  const known = spansOf.get(raw)
  if (known !== undefined) {
    known.push(span)
    return
  }
  const spans = [span]
  spansOf.set(raw, spans)
  raw.once('close', () => {
    for (const each of spans) if (each.isRecording()) each.end()
  })
}

type Callback = (...args: unknown[]) => unknown

function callback(span: Span, next: Callback, outside: ReturnType<typeof context.active>): Callback {
  return inPlaceOf(next, function (this: unknown, ...args) {
    if (args[0] instanceof Error) failed(span, args[0])
    else span.end()
    return context.with(outside, next, this, ...args)
  })
}

function settled(span: Span, result: unknown): unknown {
  if (!(result instanceof Promise)) return result
  return passingOn(
    result,
    () => span.end(),
    (error) => failed(span, error),
  )
}

/** The exception is recorded once, on the SERVER span. */
function failed(span: Span, error: unknown): void {
  const { name } = (error ?? {}) as { readonly name?: unknown }
  span.setAttribute('error.type', typeof name === 'string' ? name : '_OTHER')
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}
