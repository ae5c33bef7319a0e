import { SpanKind, type SpanOptions, type Tracer } from '@opentelemetry/api'
import type { FrameworkSpans } from './layer-spans.ts'
import { PassingTracer } from './passing-tracer.ts'

/** `next.span_type` of the spans that tell more than that the server did its work. */
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

/** A tracer for a scope that `OBS_IGNORE_SCOPES` names: none of its spans is made. */
export function ignoring(tracer: Tracer): Tracer {
  return new PassingTracer(tracer, () => undefined)
}

/**
 * The tracer of Next.js, which makes a second SERVER span and a dozen of its own steps for each request, with URLs in their names.
 * `all`: every span, as a child of the request's.
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

/** Next.js 15 tells the route of a handler below `pages/api` by the name of its span alone. */
function routeIn(name: string): { readonly 'next.route'?: string } {
  const [, route] = /^executing api route \(pages\) (\/\S*)$/.exec(name) ?? []
  return route === undefined ? {} : { 'next.route': route }
}

/** `fetch GET http://user:word@host/path?token=…` without what may be secret. */
function withoutQuery(name: string): string {
  return name.replace(/\?\S*/, '').replace(/\/\/[^/\s@]*@/, '//')
}
