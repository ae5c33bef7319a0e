import { type Attributes, context, type Tracer } from '@opentelemetry/api'
import { leaveRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { type FrameworkSpans, LayerSpans } from './layer-spans.ts'
import { mountOf } from './mounts.ts'
import { ParameterCallbacks } from './parameter-callbacks.ts'
import { inPlaceOf, watchReads, replaceMethod } from './replace-method.ts'
import { templateFor } from './layer-templates.ts'
import { joinTemplates } from './templates.ts'
import {
  type HandleError,
  type HandleErrorListener,
  type HandleRequest,
  type Layer,
  type Next,
  pathInRouter,
  type Request,
  type Response,
  type RouteOfLayer,
  type TemplateFor,
  WatchedLayers,
} from './watched-layers.ts'

/** The parts of the router of Express 4, and of the package `router` of Express 5, that are used here. */
interface Router {
  readonly stack?: readonly Layer[]
  readonly caseSensitive?: boolean
  readonly strict?: boolean
  readonly params?: object
  readonly handle?: Handle
}

type Use = (this: Router, ...args: unknown[]) => unknown
type MakeRoute = (this: Router, path: unknown) => RouteOfLayer
type Param = (this: Router, ...args: unknown[]) => unknown
type Handle = (this: Router, request: Request, response: Response, out: Next) => unknown

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
  readonly #templates = new WeakMap<RouteOfLayer, TemplateFor>()

  constructor(tracer: () => Tracer, options: RouterOptions) {
    this.#spans = new LayerSpans(tracer)
    this.#options = options
  }

  watch({ router, isStandalone = false }: LayeredRouter): void {
    if (isStandalone) replaceMethod<Handle>(router, 'handle', (handle) => this.#handling(handle))
    const { watchLayer } = this
    const templates = this.#templates
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
            const template = routeTemplate(this, layer, path)
            templates.set(made, template)
            watchLayer(this, layer, template)
          }
          return made
        },
    )
    const { watchParameters } = this
    replaceMethod<Param>(
      router,
      'param',
      (param) =>
        function (this: Router, ...args) {
          const result = param.apply(this, args)
          watchParameters(this)
          return result
        },
    )
  }

  readonly watchParameters = (router: Router): void => {
    const { handle } = router
    if (Object.hasOwn(router, 'handle') || typeof handle !== 'function') return
    Object.defineProperty(router, 'handle', {
      configurable: true,
      writable: true,
      enumerable: false,
      value: inPlaceOf(handle, this.#handling(handle)),
    })
  }

  /** Wraps the method of a router, whose functions of `router.param()` may answer a request or fail. */
  #handling(handle: Handle): Handle {
    const naming = this.#naming
    const parameters = new ParameterCallbacks()
    return function (this: Router, request, response, out) {
      if (typeof out !== 'function') return handle.call(this, request, response, out)
      const leave = parameters.enter(this, request, naming)
      return handle.call(this, request, response, function (this: unknown, ...args) {
        if (args[0]) recordFailure(request, args[0])
        else if (response.headersSent !== true) leaveRoute(request)
        leave?.(args[0])
        return out.apply(this, args)
      })
    }
  }

  /** The mounts are those that the request is in now. */
  readonly #naming = (request: Request): ((route: unknown) => string | undefined) => {
    const mount = mountOf(request)
    return (route) => {
      const template = this.#templates.get(route as RouteOfLayer)
      return template === undefined ? undefined : joinTemplates(mount, template(pathInRouter(request)))
    }
  }

  /** The class of layers is not exported; it is known once the first layer exists. */
  readonly watchLayer = (router: Router, layer: Layer, template: TemplateFor | undefined): void => {
    this.#layers.add(layer, {
      router,
      isStatic: isStatic(layer),
      ...(template === undefined ? {} : { template }),
    })
    const prototype = Object.getPrototypeOf(layer) as object
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
