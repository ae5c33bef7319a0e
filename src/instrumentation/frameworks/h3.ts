import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { leaveRoute, mountAround, nameActiveRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { setInnerRoute } from './inner-route.ts'
import { nameUnlessNamed } from './name-at-end.ts'
import { passingOn } from './passing-on.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'
import { joinTemplates } from './templates.ts'

/** `node` is missing where a request does not come from a server of Node.js. */
interface Event {
  readonly node?: { readonly req?: object; readonly res?: { readonly statusCode: number } }
  /** The path with the query. In h3 1, it lacks the path of the mounts around the running handler. */
  readonly path?: string
  readonly context?: { readonly matchedRoute?: { readonly path?: unknown } }
}

type Handler = (this: unknown, event: Event) => unknown
/** `createApp` and `createRouter` of h3 1. */
type Create = (this: unknown, ...args: unknown[]) => Created

interface Created {
  handler?: Handler
  /** The handlers of an app and the paths that they are mounted at. */
  readonly stack?: readonly { readonly route?: unknown }[]
}

/** The router's result in h3 2. */
type FindRoute = (
  this: unknown,
  event: { readonly url: URL },
) => { readonly data?: { readonly route?: unknown } } | undefined

/** Answers an exception. */
type ErrorHook = (this: unknown, error: unknown, event: Event, ...rest: unknown[]) => unknown
/** `onError` of h3 2, which makes a middleware of such a function. */
type OnError = (this: unknown, hook: ErrorHook, ...rest: unknown[]) => unknown

interface Exports {
  createApp?: Create
  createRouter?: Create
  onError?: OnError
  readonly H3?: { readonly prototype: object }
}

/**
 * Instruments h3 1 and 2 as packages. Nitro and Nuxt bundle h3 into their output; there, `@paxx/obs/nitro` names the
 * routes.
 */
export class H3Instrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/h3', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition('h3', ['>=1.0.0 <3', '2.0.0-x'], (exports: Exports) => {
      const { createApp, createRouter, onError, H3 } = exports
      if (H3 !== undefined) {
        replaceMethod<FindRoute>(H3.prototype, '~findRoute', finding)
        // Apps inherit `handler`, and bind it when they are created.
        for (const each of [H3.prototype, Object.getPrototypeOf(H3.prototype) as object])
          replaceMethod<Handler>(each, 'handler', recording)
        if (onError !== undefined) exports.onError = inPlaceOf(onError, answering(onError))
      } else {
        if (createApp !== undefined) exports.createApp = inPlaceOf(createApp, creating(createApp, serving))
        if (createRouter !== undefined) exports.createRouter = inPlaceOf(createRouter, creating(createRouter, naming))
      }
      return exports
    })
  }
}

function finding(findRoute: FindRoute): FindRoute {
  return function (this: unknown, event) {
    const found = findRoute.call(this, event)
    const route = found?.data?.route
    if (typeof route === 'string') nameActiveRoute(joinTemplates(mountAround(), route), event.url.pathname)
    return found
  }
}

function creating(create: Create, wrap: (handler: Handler, created: Created) => Handler): Create {
  return function (this: unknown, ...args) {
    const created = create.apply(this, args)
    const { handler } = created
    if (typeof handler === 'function')
      created.handler = Object.assign(inPlaceOf(handler, wrap(handler, created)), handler)
    return created
  }
}

/** Records what the handlers of an app throw, and in h3 2 what they return as an error. */
function recording(handler: Handler): Handler {
  return function (this: unknown, event) {
    const request = event.node?.req
    if (request === undefined) return handler.call(this, event)
    try {
      const result = handler.call(this, event)
      if (result instanceof Promise)
        return passingOn(
          result,
          (value) => recordReturned(request, value),
          (error) => recordThrown(request, error),
        )
      recordReturned(request, result)
      return result
    } catch (error) {
      recordThrown(request, error)
      throw error
    }
  }
}

/** Wraps `onError` so that exceptions are recorded: the app's handler returns only the response of the hook. */
function answering(onError: OnError): OnError {
  return function (this: unknown, hook, ...rest) {
    if (typeof hook !== 'function') return onError.call(this, hook, ...rest)
    const recordingHook = inPlaceOf<ErrorHook>(hook, function (this: unknown, error, event, ...others) {
      if (event.node?.req !== undefined) recordThrown(event.node.req, error)
      return hook.call(this, error, event, ...others)
    })
    return onError.call(this, recordingHook, ...rest)
  }
}

function recordReturned(request: object, value: unknown): void {
  if (value instanceof Error) recordFailure(request, value)
}

/** h3 2 throws symbols to end a request early, and takes a number as the status. */
function recordThrown(request: object, error: unknown): void {
  const isStatus = typeof error === 'number' && error >= 400 && error < 500
  if (!isStatus && typeof error !== 'symbol') recordFailure(request, thrownOf(error))
}

/**
 * Returns the error that was thrown. For its hooks, h3 2 wraps it in an `HTTPError`, with the original as its cause.
 */
function thrownOf(error: unknown): unknown {
  const { unhandled, cause } = Object(error) as { readonly unhandled?: unknown; readonly cause?: unknown }
  return unhandled === true && cause instanceof Error ? cause : error
}

interface Place {
  /** The path that the outermost app was called with. */
  readonly path: string
  /** The template of the mounts around the running router. */
  readonly prefix: string
  /** The route that was set last. */
  named?: unknown
}

const places = new WeakMap<Event, Place>()

/** Wraps the handler of an app of h3 1. It does not use its receiver, whose property names its frames in stacks. */
function serving(handler: Handler, app: Created): Handler {
  const recorded = recording(handler)
  const receiver = { handler }
  return function (this: unknown, event) {
    if (!places.has(event)) {
      const path = pathOf(event)
      places.set(event, { path, prefix: '' })
      const { req, res } = event.node ?? {}
      // The path still lacks the mount whose handler responded. If the response is a 404, it is unknown whether a
      // handler sent it.
      if (req !== undefined) {
        const around = mountAround(req)
        nameUnlessNamed(req, () => {
          const mount = res?.statusCode === 404 ? undefined : mountOf(app, path, pathOf(event))
          return mount === undefined ? undefined : joinTemplates(around, mount)
        })
      }
    }
    return recorded.call(receiver, event)
  }
}

/** Returns the mount of the app that a handler without a router responded at. */
function mountOf({ stack = [] }: Created, path: string, inside: string): string | undefined {
  const mounts = stack.flatMap(({ route }) => (typeof route === 'string' && route.length > 1 ? [route] : []))
  const taken = path.slice(0, path.length - (inside === '/' && !path.endsWith('/') ? 0 : inside.length))
  return mounts.filter((mount) => taken.startsWith(mount)).toSorted((a, b) => b.length - a.length)[0]
}

/** A router finds its route before its handler returns. Nested routers do so earlier. */
function naming(handler: Handler): Handler {
  return function (this: unknown, event) {
    const before = event.context?.matchedRoute
    const place = placeIn(places.get(event), event)
    places.set(event, place)
    try {
      const result = handler.call(this, event)
      const request = event.node?.req
      // An undefined result means that the router passes the request on.
      if (request === undefined || !(result instanceof Promise)) return result
      return passingOn(result, (value) => {
        if (value === undefined) leaveRoute(request)
      })
    } finally {
      const found = event.context?.matchedRoute
      const last = places.get(event)
      if (found !== undefined && found !== before && last?.named !== found) {
        place.named = found
        places.set(event, place)
        if (event.node?.req !== undefined)
          setInnerRoute(event.node.req, joinTemplates(place.prefix, String(found.path)))
      }
    }
  }
}

/**
 * Returns the place of a router. `app.use(path)` and `useBase()` take the path of a mount from the request's path before
 * they call it. The mount is what is missing, with the parameters of the route around it.
 */
function placeIn(around: Place | undefined, event: Event): Place {
  const path = pathOf(event)
  if (around === undefined || around.path === path) return { path, prefix: '' }
  const whole = around.path.split('/')
  const isEnd = path === '/' && !around.path.endsWith('/')
  const mount = isEnd ? whole : whole.slice(0, Math.max(0, whole.length - path.split('/').length + 1))
  const route = event.context?.matchedRoute
  const outer = route === undefined ? [] : joinTemplates(around.prefix, String(route.path)).split('/')
  const prefix = mount.map((text, depth) => (outer[depth]?.startsWith(':') === true ? outer[depth] : text)).join('/')
  return { path: around.path, prefix }
}

function pathOf({ path = '/' }: Event): string {
  return path.split('?', 1)[0] ?? '/'
}
