import { leaveRoute, setRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { enterMount, mountOf } from './mounts.ts'
import { takeNextRequest } from './next-request.ts'
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
export type HandleError = (this: Layer, error: unknown, request: Request, response: Response, next: Next) => unknown

/** Returns the template. For an array of paths, it depends on the entry that matches. */
export type TemplateFor = (path: string) => string

/** A layer of a router, described when the app added it. */
export interface LayerFacts {
  /** Functions of its `param()` run between the choice of a layer and its call, maybe asynchronously. */
  readonly router: { readonly params?: object }
  /** Of a route, or of a mount; undefined for a middleware without a path. */
  template?: TemplateFor
  readonly isStatic: boolean
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
  /** Requests that static files may answer. */
  readonly #offered = new WeakSet<Request>()

  add(layer: Layer, facts: LayerFacts): void {
    this.#facts.set(layer, facts)
  }

  /** Returns the method with which the layer handles a request. */
  handling(original: HandleRequest): (layer: object) => HandleRequest {
    const enter = (layer: Layer, facts: LayerFacts, request: Request, next: unknown): void =>
      this.#enter(layer, facts, request, next)
    return (object) => {
      const layer = object as Layer
      const facts = this.#facts.get(layer)
      if (facts === undefined) return original
      const request = nextRequestOf(facts)
      if (request === undefined || (layer.route !== undefined && request.route !== layer.route)) {
        return function (this: Layer, own, response, next) {
          enter(this, facts, own, next)
          return original.call(this, own, response, next)
        }
      }
      enter(layer, facts, request, request.next)
      return original
    }
  }

  /** Returns the method with which the layer handles an error. It reads its `handle` first. */
  failing(
    original: HandleError,
    spanless: boolean,
    onHandleError: HandleErrorListener,
  ): (layer: object) => HandleError {
    return (object) => {
      const layer = object as Layer
      const facts = this.#facts.get(layer)
      const request = facts && spanless ? nextRequestOf(facts) : undefined
      const published = (request as { readonly [PUBLISHED_ERRORS]?: unknown } | undefined)?.[PUBLISHED_ERRORS]
      if (request !== undefined && published instanceof Set) {
        for (const error of published) recordFailure(request, error)
        return original
      }
      return function (this: Layer, error, own, response, next) {
        recordFailure(own, error)
        onHandleError(own, next, error)
        return original.call(this, error, own, response, next)
      }
    }
  }

  #enter(layer: Layer, { template, isStatic }: LayerFacts, request: Request, next: unknown): void {
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
}

export type HandleErrorListener = (request: Request, next: unknown, error: unknown) => void

function nextRequestOf({ router }: LayerFacts): Request | undefined {
  const request = takeNextRequest()
  return hasParameterCallbacks(router) ? undefined : request
}

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
