import { type Attributes, context, type Tracer } from '@opentelemetry/api'
import { leaveRoute, setRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { type FrameworkSpans, LayerSpans } from './layer-spans.ts'
import { enterMount, mountOf } from './mounts.ts'
import { ParameterCallbacks } from './parameter-callbacks.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'
import { entriesOf, joinTemplates, templateOf } from './templates.ts'

/** The parts of the router of Express 4, and of the package `router` of Express 5, that are used here. */
interface Router {
  readonly params?: object
  readonly stack?: readonly Layer[]
  readonly caseSensitive?: boolean
  readonly strict?: boolean
}

interface Layer {
  readonly constructor: unknown
  readonly handle: HandlerFunction
  readonly route?: Route
  match(path: string): unknown
}

interface HandlerFunction {
  readonly name: string
  readonly length: number
  readonly handle?: unknown
}

interface Route {
  readonly path: unknown
}

interface Request {
  readonly method?: string
  readonly url?: string
  readonly baseUrl?: string
  readonly route?: unknown
}

interface Response {
  readonly headersSent?: boolean
  once?(event: 'close', listener: () => void): unknown
}

type Next = (error?: unknown) => unknown
type Use = (this: Router, ...args: unknown[]) => unknown
type MakeRoute = (this: Router, path: unknown) => Route
type Handle = (this: Router, request: Request, response: Response, out: Next) => unknown
type Dispatch = (this: Route, request: Request, response: Response, done: Next) => unknown
type HandleRequest = (this: Layer, request: Request, response: Response, next: Next) => unknown
type HandleError = (this: Layer, error: unknown, request: Request, response: Response, next: Next) => unknown

export interface LayeredRouter {
  /** The object that every router inherits its methods from. */
  readonly router: object
  /** The prototype of `Route`. */
  readonly route: object
}

export interface RouterOptions {
  readonly frameworkSpans?: FrameworkSpans
  readonly ignoreLayers?: readonly string[]
  readonly ignoreLayersType?: readonly string[]
}

/** Returns the template. For an array of paths, it depends on the entry that matches. */
type TemplateFor = (path: string) => string

/**
 * Names the route of each request that such a router serves. Layers, handlers and `next` are not replaced: routes are
 * known from the arguments of `use()` and `route()`, and surrounding routers from the path that a request takes.
 */
export class RouterWatch {
  readonly #spans: LayerSpans
  readonly #options: RouterOptions
  readonly #templates = new WeakMap<Route, TemplateFor>()

  constructor(tracer: () => Tracer, options: RouterOptions) {
    this.#spans = new LayerSpans(tracer)
    this.#options = options
  }

  watch({ router, route }: LayeredRouter): void {
    const { watchLayers, nameMount, nameRoute, dispatching } = this
    replaceMethod<Use>(
      router,
      'use',
      (use) =>
        function (this: Router, ...args) {
          const before = this.stack?.length ?? 0
          const result = use.apply(this, args)
          for (const layer of this.stack?.slice(before) ?? []) {
            watchLayers(layer)
            nameMount(this, layer, args[0])
          }
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
            watchLayers(layer)
            nameRoute(this, layer, path)
          }
          return made
        },
    )
    replaceMethod<Handle>(router, 'handle', (handle) => this.#handling(handle))
    replaceMethod<Dispatch>(route, 'dispatch', dispatching)
  }

  #handling(handle: Handle): Handle {
    const naming = this.#naming
    const parameters = new ParameterCallbacks()
    return function (this: Router, request, response, out) {
      if (typeof out !== 'function') return handle.call(this, request, response, out)
      const leave = parameters.enter(this, request, naming)
      return handle.call(this, request, response, function (this: unknown, ...args) {
        if (args[0]) recordFailure(request, args[0])
        leave?.(args[0])
        return out.apply(this, args)
      })
    }
  }

  /** The mounts are those that the request is in now. */
  readonly #naming = (request: Request): ((route: unknown) => string | undefined) => {
    const mount = mountOf(request)
    return (route) => {
      const template = this.#templates.get(route as Route)
      return template === undefined ? undefined : joinTemplates(mount, template(pathOf(request)))
    }
  }

  /** Wraps the method that serves a route. */
  readonly dispatching = (dispatch: Dispatch): Dispatch => {
    const templates = this.#templates
    return function (this: Route, request, response, done) {
      const template = templates.get(this)
      if (template === undefined || typeof done !== 'function') return dispatch.call(this, request, response, done)
      setRoute(request, joinTemplates(mountOf(request, done), template(pathOf(request))))
      return dispatch.call(this, request, response, function (this: unknown, ...args) {
        const [error] = args
        if ((!error || error === 'router') && response.headersSent !== true) leaveRoute(request)
        return done.apply(this, args)
      })
    }
  }

  readonly nameRoute = (router: Router, layer: Layer, path: unknown): void => {
    if (layer.route === undefined) return
    const options = { sensitive: router.caseSensitive, strict: router.strict, end: true }
    this.#templates.set(layer.route, templateFor(layer, path, options))
  }

  /** The class of layers is not exported; it is known once the first layer exists. */
  readonly watchLayers = (layer: Layer): void => {
    const prototype = Object.getPrototypeOf(layer) as object
    const { frameworkSpans = 'none' } = this.#options
    for (const name of ['handleError', 'handle_error']) {
      replaceMethod<HandleError>(prototype, name, (handleError) => {
        const spans = this.#spans
        return function (this: Layer, error, request, response, next) {
          recordFailure(request, error)
          if (frameworkSpans !== 'none') spans.endFrom(request, next, error)
          return handleError.call(this, error, request, response, next)
        }
      })
    }
    if (frameworkSpans === 'none') return
    for (const name of ['handleRequest', 'handle_request']) {
      replaceMethod<HandleRequest>(prototype, name, (handleRequest) => {
        const { spanning } = this
        return function (this: Layer, request, response, next) {
          return spanning(this, handleRequest, request, response, next)
        }
      })
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

  readonly nameMount = (router: Router, layer: Layer, first: unknown): void => {
    const path = typeof deepFirst(first) === 'function' ? '/' : first
    const isStatic = layer.handle.name === 'serveStatic'
    if (path === '/' && !isStatic && !isRouter(layer)) return
    const template = templateFor(layer, path, { sensitive: router.caseSensitive, strict: false, end: false })
    const prototype = Object.getPrototypeOf(layer) as Record<string, HandleRequest>
    const name = 'handleRequest' in layer ? 'handleRequest' : 'handle_request'
    const original = prototype[name]
    if (original === undefined) return
    const entering: HandleRequest = function (this: Layer, request, response, next) {
      enterMount(request, next, template)
      const handle = prototype[name] as HandleRequest
      if (!isStatic || !isRead(request)) return handle.call(this, request, response, next)
      setRoute(request, `${mountOf(request)}/*`)
      return handle.call(this, request, response, function (this: unknown, ...args) {
        if (!args[0]) setRoute(request, undefined)
        return next.apply(this, args)
      })
    }
    Object.defineProperty(layer, name, {
      configurable: true,
      writable: true,
      enumerable: false,
      value: inPlaceOf(original, entering),
    })
  }
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

/** Static files are served for these methods only; other requests are passed on. */
function isRead({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD'
}

function deepFirst(value: unknown): unknown {
  let first = value
  while (Array.isArray(first) && first.length > 0) first = first[0]
  return first
}

function pathOf({ url = '/' }: Request): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

interface LayerOptions {
  readonly sensitive: boolean | undefined
  readonly strict: boolean | undefined
  readonly end: boolean
}

type LayerClass = new (path: string | RegExp, options: LayerOptions, handler: () => void) => Layer

/** Entries of an array are matched with one layer each, created as the router creates them. */
function templateFor(layer: Layer, path: unknown, options: LayerOptions): TemplateFor {
  const entries = entriesOf(path)
  const [first = '/', ...others] = entries
  const only = templateOf(first)
  if (others.length === 0) return () => only
  const OneLayer = layer.constructor as LayerClass
  // Express 4 writes into a regular expression that a layer is made of, which is the app's.
  const layers = entries.map(
    (entry) =>
      [
        templateOf(entry),
        new OneLayer(typeof entry === 'string' ? entry : new RegExp(entry), options, () => {}),
      ] as const,
  )
  return (matched) => layers.find(([, each]) => each.match(matched))?.[0] ?? only
}
