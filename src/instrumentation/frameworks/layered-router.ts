import { type Attributes, context, type Tracer } from '@opentelemetry/api'
import { type FrameworkSpans, LayerSpans } from './layer-spans.ts'
import { watchReads, replaceMethod } from './replace-method.ts'
import { templateFor } from './layer-templates.ts'
import {
  type HandleError,
  type HandleErrorListener,
  type HandleRequest,
  type Layer,
  type Match,
  type Next,
  type Request,
  type Response,
  type RouteOfLayer,
  type TemplateFor,
  WatchedLayers,
} from './watched-layers.ts'

/** The parts of the router of Express 4, and of the package `router` of Express 5, that are used here. */
interface Router {
  readonly params?: object
  readonly stack?: readonly Layer[]
  readonly caseSensitive?: boolean
  readonly strict?: boolean
}

type Use = (this: Router, ...args: unknown[]) => unknown
type MakeRoute = (this: Router, path: unknown) => RouteOfLayer
type Param = (this: Router, ...args: unknown[]) => unknown

export interface LayeredRouter {
  /** The object that every router inherits its methods from. */
  readonly router: object
  /** Whether apps pass requests to routers with a function of their own, as they do where no app of Express is around. */
  readonly isStandalone?: boolean
}

export interface RouterOptions {
  readonly frameworkSpans?: FrameworkSpans
  readonly ignoreLayers?: readonly string[]
  readonly ignoreLayersType?: readonly string[]
}

/**
 * Names the route of each request that such a router serves. Layers, handlers and `next` are not replaced: routes are
 * known from the arguments of `use()` and `route()`, and surrounding routers from the path that a request takes.
 */
export class RouterWatch {
  readonly #spans: LayerSpans
  readonly #options: RouterOptions
  readonly #layers = new WatchedLayers()
  #layerPrototype: object | undefined
  #hasParameters = false

  constructor(tracer: () => Tracer, options: RouterOptions) {
    this.#spans = new LayerSpans(tracer)
    this.#options = options
  }

  watch({ router, isStandalone = false }: LayeredRouter): void {
    const watchLayer = (from: Router, layer: Layer, template: TemplateFor | undefined): void =>
      this.#watchLayer(from, layer, template, isStandalone)
    const watchParameters = this.#watchParameters
    replaceMethod<Use>(
      router,
      'use',
      (use) =>
        function (this: Router, ...args) {
          const before = this.stack?.length ?? 0
          const result = use.apply(this, args)
          for (const layer of this.stack?.slice(before) ?? [])
            watchLayer(this, layer, mountTemplate(this, layer, args[0]))
          return result
        },
    )
    replaceMethod<MakeRoute>(
      router,
      'route',
      (makeRoute) =>
        function (this: Router, path) {
          const made = makeRoute.call(this, path)
          const layer = this.stack?.at(-1)
          if (layer !== undefined && layer.route === made) {
            watchLayer(this, layer, routeTemplate(this, layer, path))
          }
          return made
        },
    )
    replaceMethod<Param>(
      router,
      'param',
      (param) =>
        function (this: Router, ...args) {
          watchParameters()
          return param.apply(this, args)
        },
    )
  }

  /** Layers are watched only once there is a function of `router.param()`. */
  readonly #watchParameters = (): void => {
    this.#hasParameters = true
    if (this.#layerPrototype !== undefined)
      watchReads<Match>(this.#layerPrototype, 'match', (original) => this.#layers.matching(original))
  }

  /** The class of layers is not exported; it is known once the first layer exists. */
  #watchLayer(router: Router, layer: Layer, template: TemplateFor | undefined, isStandalone: boolean): void {
    this.#layers.add(layer, {
      router,
      isStatic: isStatic(layer),
      isStandalone,
      ...(template === undefined ? {} : { template }),
    })
    const prototype = Object.getPrototypeOf(layer) as object
    this.#layerPrototype = prototype
    if (this.#hasParameters) this.#watchParameters()
    const isSpanless = (this.#options.frameworkSpans ?? 'none') === 'none'
    const onHandleError: HandleErrorListener = (request, next, error) => {
      if (!isSpanless) this.#spans.endFrom(request, next, error)
    }
    for (const name of ['handleError', 'handle_error'])
      watchReads<HandleError>(prototype, name, (original) => this.#layers.failing(original, isSpanless, onHandleError))
    for (const name of ['handleRequest', 'handle_request']) {
      watchReads<HandleRequest>(prototype, name, (original) =>
        this.#layers.handling(isSpanless ? original : this.#spanned(original)),
      )
    }
  }

  #spanned(original: HandleRequest): HandleRequest {
    const { spanning } = this
    return function (this: Layer, request, response, next) {
      return spanning(this, original, request, response, next)
    }
  }

  readonly spanning = (
    layer: Layer,
    handleRequest: HandleRequest,
    request: Request,
    response: Response,
    next: Next,
  ): unknown => {
    const described = layer.route === undefined ? this.#describe(layer) : undefined
    const inside =
      described === undefined
        ? this.#spans.pass(request, response, next)
        : this.#spans.begin(request, response, next, described.name, described.attributes)
    return context.with(inside, handleRequest, layer, request, response, next)
  }

  /** Returns undefined for a layer without a span. */
  #describe(layer: Layer): { readonly name: string; readonly attributes: Attributes } | undefined {
    const { frameworkSpans, ignoreLayers = [], ignoreLayersType = [] } = this.#options
    const type = typeOf(layer)
    if (frameworkSpans === 'handlers' && type !== 'request_handler') return undefined
    const name = layer.handle.name || 'anonymous'
    if (layer.handle.length > 3 || ignoreLayersType.includes(type) || ignoreLayers.includes(name)) return undefined
    return { name: `${TYPES[type]} - ${name}`, attributes: { 'express.type': type, 'express.name': name } }
  }
}

function routeTemplate(router: Router, layer: Layer, path: unknown): TemplateFor {
  return templateFor(layer, path, { sensitive: router.caseSensitive, strict: router.strict, end: true })
}

/** Returns undefined for a middleware without a path. */
function mountTemplate(router: Router, layer: Layer, first: unknown): TemplateFor | undefined {
  const path = typeof deepFirst(first) === 'function' ? '/' : first
  if (path === '/' && !isStatic(layer) && !isRouter(layer)) return undefined
  return templateFor(layer, path, { sensitive: router.caseSensitive, strict: false, end: false })
}

const TYPES = { middleware: 'middleware', router: 'router', request_handler: 'request handler' } as const

function typeOf(layer: Layer & { readonly method?: unknown }): keyof typeof TYPES {
  // Only layers of a route have a method, which is undefined for all methods.
  if ('method' in layer) return 'request_handler'
  return isRouter(layer) ? 'router' : 'middleware'
}

function isRouter({ handle }: Layer): boolean {
  return typeof handle.handle === 'function' || handle.name === 'mounted_app'
}

function isStatic({ handle }: Layer): boolean {
  return handle.name === 'serveStatic'
}

function deepFirst(value: unknown): unknown {
  let first = value
  while (Array.isArray(first) && first.length > 0) first = first[0]
  return first
}
