import {
  type Attributes,
  type AttributeValue,
  type Context,
  context,
  type Span,
  SpanKind,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api'
import { forgiveReads, warnUnreadable } from './forgiving-spans.ts'
import { QuietSpan } from './quiet-span.ts'

/**
 * Attributes with the route of the request that a span is part of: that of Next.js, and that of the semantic
 * conventions.
 */
const ROUTES: readonly string[] = ['next.route', 'http.route']

/** The route that Next.js reports when nothing matches. */
const NOT_FOUND: ReadonlySet<unknown> = new Set(['/_not-found', '/404', '/_error'])

type RouteListener = (route: string, of: Context, traceId: string) => void

let listener: RouteListener = () => {}

/** Sets the function that receives reported routes. `of` is the context that a span reports its route in. */
export function listenForRoutes(to: RouteListener): void {
  listener = to
}

export function reportRoute(key: string, value: AttributeValue | undefined, of: Context, traceId: string): void {
  if (ROUTES.includes(key) && typeof value === 'string' && !NOT_FOUND.has(value)) listener(value, of, traceId)
}

export function reportRoutes(attributes: Attributes, of: Context, traceId: string): void {
  try {
    for (const key of ROUTES) reportRoute(key, attributes[key], of, traceId)
  } catch (thrown) {
    warnUnreadable(thrown)
  }
}

/**
 * Makes a tracer's spans report the route of their request, whether or not they are sampled: a framework or an app that
 * traces itself sets `http.route` on its own span.
 */
export function routeReportingTracer(tracer: Tracer): Tracer {
  const { startSpan } = tracer
  tracer.startSpan = function (this: Tracer, name: string, options: SpanOptions = {}, of: Context = context.active()) {
    const span = startForgiving(startSpan, this, name, options, of)
    if (!isWithin(options.kind)) return span
    if (options.attributes !== undefined) reportRoutes(options.attributes, of, span.spanContext().traceId)
    return span.isRecording() ? reportingSpan(span) : new QuietSpan(span, of, reportRoutes)
  }
  return tracer
}

/** Starts a span. Starts it without its options when reading these throws. */
function startForgiving(
  startSpan: Tracer['startSpan'],
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  of: Context,
): Span {
  try {
    const span = startSpan.call(tracer, name, options, of)
    if (span.isRecording()) forgiveReads(span)
    return span
  } catch (thrown) {
    const span = startSpan.call(tracer, name, options.kind === undefined ? {} : { kind: options.kind }, of)
    warnUnreadable(thrown)
    return span
  }
}

/**
 * Returns whether a span of this kind is part of the request that is served. The route of a client span, if any,
 * belongs to the called service.
 */
function isWithin(kind: SpanKind = SpanKind.INTERNAL): boolean {
  return kind === SpanKind.INTERNAL || kind === SpanKind.SERVER
}

let isReporting = false

/**
 * Makes the SDK's span class report routes. `span` is an instance of it. All attributes are set through `setAttribute`.
 */
export function reportingSpan<S extends Span>(span: S): S {
  if (isReporting) return span
  isReporting = true
  forgiveReads(span)
  const prototype = Object.getPrototypeOf(span) as Span
  const { setAttribute } = prototype
  prototype.setAttribute = function (this: Span & { readonly kind?: SpanKind }, key, value) {
    if (ROUTES.includes(key) && isWithin(this.kind)) {
      reportRoute(key, value, context.active(), this.spanContext().traceId)
    }
    return setAttribute.call(this, key, value)
  }
  return span
}
