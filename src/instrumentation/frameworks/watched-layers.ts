import { leaveRoute, servedOf, setRoute } from '../http/route.ts'
import { isAnswer, recordFailure } from './failures.ts'
import { enterMount, mountOf } from './mounts.ts'
import { atEnd } from './name-at-end.ts'
import { parsedRequest, takeNextRequest } from './next-request.ts'
import { enterParameters, failParameters, passParameters, requestInParameters } from './parameter-callbacks.ts'
import { hasFailed } from './reported-errors.ts'
import { joinTemplates } from './templates.ts'

export interface Request {
  readonly method?: string
  readonly url?: string
  readonly baseUrl?: string
  /** The `next` of the innermost router that handles the request. */
  readonly next?: unknown
  /** In Express, the response. */
  readonly res?: Response
  readonly route?: unknown
}

export interface Response {
  readonly headersSent?: boolean
  once?(event: 'close', listener: () => void): unknown
}

export interface Layer {
  readonly constructor: unknown
  readonly handle: HandlerFunction
  readonly route?: RouteOfLayer
  match(path: string): unknown
}

interface HandlerFunction {
  readonly name: string
  readonly length: number
  readonly handle?: unknown
}

export interface RouteOfLayer {
  readonly path: unknown
}

export type Next = (error?: unknown) => unknown
export type HandleRequest = (this: Layer, request: Request, response: Response, next: Next) => unknown
export type Match = (this: Layer, path: string) => unknown
export type HandleError = (this: Layer, error: unknown, request: Request, response: Response, next: Next) => unknown

/** Returns the template. For an array of paths, it depends on the entry that matches. */
export type TemplateFor = (path: string) => string

/** A layer of a router, described when the app added it. */
export interface LayerFacts {
  /** Functions of its `param()` run between the choice of a layer and its call, maybe asynchronously. */
  readonly router: { readonly params?: object }
  /** The template of a route or a mount; undefined for a middleware without a path. */
  template?: TemplateFor
  readonly isStatic: boolean
  /** Whether the errors of a request, and the end of its way through routers, are read when it ends. */
  readonly isStandalone: boolean
}

/** Where `router` 2.3 and newer keep the errors of a request. */
const PUBLISHED_ERRORS = Symbol.for('router.tracing.publishedErrors')

/**
 * Names the routes of requests when a router reads the method of the layer that it is about to call. The request is the
 * one whose path the router has parsed just before. Where that is not certain, the method is replaced for this call,
 * and is a frame in the stacks of what the handler throws.
 */
export class WatchedLayers {
  readonly #facts = new WeakMap<Layer, LayerFacts>()
  readonly #templates = new WeakMap<object, TemplateFor>()
  /** Requests that static files may answer. */
  readonly #offered = new WeakSet<Request>()
  /** The `next` of the router that named each request, of those that no Express is around. */
  readonly #standalone = new WeakMap<Request, unknown>()

  add(layer: Layer, facts: LayerFacts): void {
    this.#facts.set(layer, facts)
    if (layer.route !== undefined && facts.template !== undefined) this.#templates.set(layer.route, facts.template)
  }

  /** Returns the method with which the layer handles a request. */
  handling(original: HandleRequest): (layer: object) => HandleRequest {
    const enter = (layer: Layer, facts: LayerFacts, request: Request, next: unknown): void =>
      this.#enter(layer, facts, request, next)
    return (object) => {
      const layer = object as Layer
      const facts = this.#facts.get(layer)
      if (facts === undefined) return original
      const request = nextRequestOf(layer, facts)
      if (request === undefined) {
        return function (this: Layer, own, response, next) {
          enter(this, facts, own, next)
          return original.call(this, own, response, next)
        }
      }
      enter(layer, facts, request, request.next)
      return original
    }
  }

  /** Returns the method with which the layer handles an error. */
  failing(
    original: HandleError,
    spanless: boolean,
    onHandleError: HandleErrorListener,
  ): (layer: object) => HandleError {
    return (object) => {
      const layer = object as Layer
      const facts = this.#facts.get(layer)
      const request = facts && nextRequestOf(layer, facts)
      if (request !== undefined) {
        failParameters(request)
        for (const error of publishedErrors(request)) recordFailure(request, error)
      }
      if (spanless) return original
      return function (this: Layer, error, own, response, next) {
        onHandleError(own, next, error)
        return original.call(this, error, own, response, next)
      }
    }
  }

  /** Returns the method with which a router compares the path of a request with a layer's. */
  matching(original: Match): (layer: object) => Match {
    const templateOf = (route: unknown, path: string): string | undefined =>
      this.#templates.get(Object(route) as object)?.(path)
    return (layer) => {
      const facts = this.#facts.get(layer as Layer)
      const request = parsedRequest() as Request | undefined
      if (request !== undefined && facts !== undefined && hasParameterCallbacks(facts.router))
        enterParameters(request, pathInRouter(request), templateOf)
      return original
    }
  }

  #enter(layer: Layer, facts: LayerFacts, request: Request, next: unknown): void {
    const { template, isStatic } = facts
    passParameters(request)
    if (facts.isStandalone) this.#enterStandalone(request, layer, next)
    if (layer.route !== undefined) {
      if (template !== undefined)
        setRoute(request, joinTemplates(mountOf(request, next), template(pathInRouter(request))))
      return
    }
    // Whatever handled the request before has passed it on.
    if (request.res?.headersSent !== true) leaveRoute(request)
    if (this.#offered.delete(request)) setRoute(request, undefined)
    if (template === undefined) return
    enterMount(request, next, template)
    if (!isStatic || !isRead(request)) return
    setRoute(request, `${mountOf(request)}/*`)
    this.#offered.add(request)
  }

  /** An app calls such a router with a function of its own for errors, and for requests that no layer answers. */
  #enterStandalone(request: Request, layer: Layer, next: unknown): void {
    if (!this.#standalone.has(request)) {
      atEnd(request, (served) => {
        const errors = publishedErrors(request)
        for (const error of errors) if (!isAnswer(error)) served.recordException(error)
        const named = this.#standalone.get(request)
        // A router restores the `next` of the one around it.
        const isLeft = named !== undefined && named !== request.next
        if (isLeft && errors.size === 0 && !hasFailed(request)) served.isRouteLeft = true
      })
      this.#standalone.set(request, undefined)
    }
    if (layer.route !== undefined) this.#standalone.set(request, next)
  }
}

export type HandleErrorListener = (request: Request, next: unknown, error: unknown) => void

/** Returns the request that the layer is about to handle; undefined if that is not certain. */
function nextRequestOf(layer: Layer, { router }: LayerFacts): Request | undefined {
  const parsed = takeNextRequest() as Request | undefined
  const request = hasParameterCallbacks(router) ? afterParameters(parsed) : parsed
  return layer.route !== undefined && request?.route !== layer.route ? undefined : request
}

/** Functions of `router.param()` are asynchronous, maybe: another request may have been parsed since. */
function afterParameters(parsed: Request | undefined): Request | undefined {
  const active = requestInParameters()
  if (active !== undefined) return active
  return parsed !== undefined && servedOf(parsed) === undefined ? parsed : undefined
}

/** Returns the errors of a request that `router` 2.3 and newer keep. */
function publishedErrors(request: Request): ReadonlySet<unknown> {
  const published = (request as { readonly [PUBLISHED_ERRORS]?: unknown })[PUBLISHED_ERRORS]
  return published instanceof Set ? published : NO_ERRORS
}

const NO_ERRORS: ReadonlySet<unknown> = new Set()

/** Returns whether a router has functions of `router.param()`. */
function hasParameterCallbacks({ params }: { readonly params?: object }): boolean {
  for (const _ in params) return true
  return false
}

/** Static files are served for these methods only; other requests are passed on. */
function isRead({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD'
}

export function pathInRouter({ url = '/' }: Request): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}
