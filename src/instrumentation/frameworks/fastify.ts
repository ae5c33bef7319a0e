import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { setRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { type FastifySpansOptions, traceHandler, traceHooks } from './fastify-spans.ts'
import { storedHandlerFor, restoreListed, watchFinding } from './find-my-way.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'

const SUPPORTED = ['>=4.0.0 <6']

interface FastifyOptions extends InstrumentationConfig, FastifySpansOptions {
  readonly recordExceptions?: boolean
}

/** Fastify's internal handler of every route, which its router calls with the route's context. */
type RouteHandler = (
  this: unknown,
  request: object,
  response: object,
  params: unknown,
  route: RouteContext,
  query: unknown,
) => unknown

interface RouteContext {
  handler?: unknown
  /** Without a `url`, it is the not-found handler. */
  readonly config?: { readonly url?: unknown }
}

interface Router {
  readonly routes?: readonly unknown[]
}

type On = (
  this: Router,
  method: unknown,
  path: unknown,
  options: unknown,
  handler: RouteHandler,
  store: unknown,
) => unknown

interface FindMyWay {
  readonly default?: FindMyWay
  readonly prototype?: object
}

interface Reply {
  readonly request?: { readonly raw?: object }
}

/** Responds to what a handler, a hook, a serializer or a stream failed with. Every failure of a request gets there. */
type HandleError = (reply: Reply, error: unknown, onHandled?: unknown) => void

/**
 * Instruments Fastify 4 and 5. The router, find-my-way, calls one Fastify function for every request that matches a
 * route, before any hook: this function names the route. No hook, plugin or decorator is added.
 */
export class FastifyInstrumentation extends InstrumentationBase<FastifyOptions> {
  constructor(config: FastifyOptions = {}) {
    super('@paxx/obs/fastify', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const config = this.getConfig()
    return [
      new InstrumentationNodeModuleDefinition('fastify', SUPPORTED, (exports: object) => exports, undefined, [
        new InstrumentationNodeModuleFile(
          'fastify/lib/error-handler.js',
          SUPPORTED,
          (exports: object) => {
            if (config.recordExceptions !== false) replaceMethod<HandleError>(exports, 'handleError', recordingErrors)
            return exports
          },
          () => {},
        ),
        new InstrumentationNodeModuleFile(
          'fastify/lib/hooks.js',
          SUPPORTED,
          (exports: object) => {
            traceHooks(exports, () => this.tracer, this.getConfig())
            return exports
          },
          () => {},
        ),
      ]),
      new InstrumentationNodeModuleDefinition('find-my-way', ['>=4.0.0 <10'], (exports: FindMyWay) => {
        const { prototype } = exports.default ?? exports
        if (prototype === undefined) return exports
        replaceMethod<On>(prototype, 'on', (on) => this.#naming(on))
        watchFinding(prototype)
        return exports
      }),
    ]
  }

  #naming(on: On): On {
    const handlers = new WeakMap<RouteHandler, RouteHandler>()
    const naming = (handler: RouteHandler): RouteHandler => {
      const known = handlers.get(handler)
      if (known !== undefined) return known
      // There is one wrapper per app, because Fastify has one handler per app.
      const made = inPlaceOf(handler, this.#named(handler))
      handlers.set(handler, made)
      return made
    }
    return function (this: Router, method, path, options, handler, store) {
      // Options are optional: without them, handler and store move forward.
      const args: unknown[] = [options, handler, store]
      const at = args.findIndex((each) => typeof each === 'function')
      if (at !== -1) {
        const given = args[at] as RouteHandler & Parameters<typeof storedHandlerFor>[1]
        args[at] = isFastify(given, args[at + 1]) ? naming(given) : storedHandlerFor(String(path), given)
      }
      const before = this.routes?.length ?? 0
      const result: unknown = Reflect.apply(on, this, [method, path, ...args])
      restoreListed(this.routes, before)
      return result
    }
  }

  #named(handler: RouteHandler): RouteHandler {
    const trace = (route: RouteContext): void => traceHandler(route, () => this.tracer, this.getConfig())
    return function (this: unknown, request, response, params, route, query) {
      const url = route.config?.url
      if (typeof url === 'string') setRoute(request, url)
      trace(route)
      return handler.call(this, request, response, params, route, query)
    }
  }
}

function isFastify(handler: unknown, store: unknown): boolean {
  return typeof handler === 'function' && handler.name === 'routeHandler' && typeof store === 'object' && store !== null
}

function recordingErrors(handle: HandleError): HandleError {
  return function (reply, error, onHandled) {
    const raw = reply.request?.raw
    if (raw !== undefined) recordFailure(raw, error)
    handle(reply, error, onHandled)
  }
}
