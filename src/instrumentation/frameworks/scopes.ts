import { SpanKind, type SpanOptions, type Tracer } from '@opentelemetry/api'
import type { FrameworkSpans } from './layer-spans.ts'
import { PassingTracer } from './passing-tracer.ts'

/** Values of `next.span_type` of spans that say more than that the server did its work. */
const NEXT_SPANS: ReadonlySet<unknown> = new Set([
  'AppRender.getBodyResult',
  'AppRouteRouteHandlers.runHandler',
  'Middleware.execute',
  'Node.runHandler',
  'Render.getServerSideProps',
  'Render.getStaticProps',
  'Render.renderDocument',
  'ResolveMetadata.generateMetadata',
  'ResolveMetadata.generateViewport',
])

/** Returns a tracer for a scope named in `OBS_IGNORE_SCOPES`, which makes no spans. */
export function ignoring(tracer: Tracer): Tracer {
  return new PassingTracer(tracer, () => undefined)
}

/**
 * Returns the tracer for Next.js, which makes a second SERVER span and a dozen internal spans per request, with URLs in
 * their names. With `all`, every span is kept as a child of the request's span.
 */
export function tracerOfNext(tracer: Tracer, spans: FrameworkSpans): Tracer {
  return new PassingTracer(tracer, (name, options) => {
    const { kind, attributes = {} } = options
    if (spans !== 'all' && !NEXT_SPANS.has(attributes['next.span_type'])) return undefined
    const plain = withoutQuery(name)
    const kept: SpanOptions = { ...options, attributes: { ...routeIn(plain), ...attributes, 'next.span_name': plain } }
    return [plain, kind === SpanKind.SERVER ? { ...kept, kind: SpanKind.INTERNAL } : kept]
  })
}

/** Next.js 15 reports the route of a handler below `pages/api` only in the name of its span. */
function routeIn(name: string): { readonly 'next.route'?: string } {
  const [, route] = /^executing api route \(pages\) (\/\S*)$/.exec(name) ?? []
  return route === undefined ? {} : { 'next.route': route }
}

/** Returns `fetch GET http://user:word@host/path?token=…` without the parts that may be secret. */
function withoutQuery(name: string): string {
  return name.replace(/\?\S*/, '').replace(/\/\/[^/\s@]*@/, '//')
}
