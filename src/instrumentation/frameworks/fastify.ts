import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { patchedFile } from '../patched-file.ts'
import { recordFailure } from './failures.ts'
import { type FastifySpansOptions, traceHandler, traceHooks } from './fastify-spans.ts'
import { storedHandlerFor, restoreListed, watchFinding, watchLookups } from './find-my-way.ts'
import { setInnerRoute } from './inner-route.ts'
import { replaceMethod } from './replace-method.ts'
import { withCall } from './with-call.ts'

const SUPPORTED = ['>=4.0.0 <6']

interface FastifyOptions extends InstrumentationConfig, FastifySpansOptions {
  readonly recordExceptions?: boolean
}

interface RouteContext {
  handler?: unknown
  /** The options of a route. Those of the not-found handler have no `url`. */
  readonly config?: { readonly url?: unknown }
}

/** The class of Fastify's requests. A request gets each of `props` when it is made, as the last step of its constructor. */
interface RequestClass {
  readonly prototype: object
  readonly props?: { readonly key: PropertyKey; readonly value: unknown }[]
}

interface FastifySymbols {
  readonly default?: FastifySymbols
  readonly kRouteContext?: symbol
  readonly kHasBeenDecorated?: symbol
}

/** Fastify keeps the route of a request under a symbol; the first releases of Fastify 4 did so under a name. */
type FastifyRequest = { readonly raw?: object } & Readonly<Record<PropertyKey, unknown>>

interface Router {
  readonly routes?: readonly unknown[]
  readonly constrainer?: object
}

type On = (this: Router, method: unknown, path: unknown, options: unknown, handler: unknown, store: unknown) => unknown

interface FindMyWay {
  readonly default?: FindMyWay
  readonly prototype?: object
}

interface Reply {
  readonly request?: { readonly raw?: object }
}

/**
 * Instruments Fastify 4 and 5, and its router find-my-way in servers without Fastify. Fastify makes its request once a
 * route has matched and before any hook: the route is named then, without a frame in the stacks of hooks and handlers.
 */
export class FastifyInstrumentation extends InstrumentationBase<FastifyOptions> {
  constructor(config: FastifyOptions = {}) {
    super('@paxx/obs/fastify', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const config = this.getConfig()
    return [
      new InstrumentationNodeModuleDefinition('fastify', SUPPORTED, (exports: object) => exports, undefined, [
        patchedFile<object>('fastify/lib/error-handler.js', SUPPORTED, (exports) =>
          config.recordExceptions === false ? exports : reportingFailures(exports),
        ),
        patchedFile<FastifySymbols>('fastify/lib/symbols.js', SUPPORTED, (exports) => {
          // Nest imports this file as an ES module.
          this.#symbols = exports.default ?? exports
        }),
        patchedFile<RequestClass>('fastify/lib/request.js', SUPPORTED, (exports) => this.#watchRequests(exports)),
        patchedFile<object>('fastify/lib/hooks.js', SUPPORTED, (exports) =>
          traceHooks(exports, () => this.tracer, this.getConfig()),
        ),
      ]),
      new InstrumentationNodeModuleDefinition('find-my-way', ['>=4.0.0 <10'], (exports: FindMyWay) => {
        const { prototype } = exports.default ?? exports
        if (prototype === undefined) return exports
        replaceMethod<On>(prototype, 'on', storing)
        watchFinding(prototype)
        return exports
      }),
    ]
  }

  #symbols: FastifySymbols = {}

  /** The property that is set last in the constructor of a request is a setter of ours, which stores nothing. */
  #watchRequests(requestClass: RequestClass): void {
    const { prototype, props } = requestClass
    if (!Array.isArray(props) || MADE in prototype) return
    const named = (request: FastifyRequest): void => this.#name(request)
    Object.defineProperty(prototype, MADE, {
      set(this: FastifyRequest) {
        named(this)
      },
    })
    props.push({ key: MADE, value: undefined })
    // Otherwise, routes of an app without decorators get requests of the base class, which does not set `props`.
    const { kHasBeenDecorated } = this.#symbols
    if (kHasBeenDecorated !== undefined)
      Object.defineProperty(requestClass, kHasBeenDecorated, { value: true, writable: true })
  }

  #name(request: FastifyRequest): void {
    const route = request[this.#symbols.kRouteContext ?? 'context'] as RouteContext | undefined
    const url = route?.config?.url
    if (route === undefined || request.raw === undefined) return
    if (typeof url === 'string') setInnerRoute(request.raw, url)
    traceHandler(route, () => this.tracer, this.getConfig())
  }
}

const MADE = Symbol('obs.made')

function storing(on: On): On {
  return function (this: Router, method, path, options, handler, store) {
    // The options may be omitted, which moves handler and store forward.
    const args: unknown[] = [options, handler, store]
    const at = args.findIndex((each) => typeof each === 'function')
    if (at !== -1 && !isFastify(args[at], args[at + 1])) {
      args[at] = storedHandlerFor(String(path), args[at] as Parameters<typeof storedHandlerFor>[1])
    }
    watchLookups(this)
    const before = this.routes?.length ?? 0
    const result: unknown = Reflect.apply(on, this, [method, path, ...args])
    restoreListed(this.routes, before)
    return result
  }
}

function isFastify(handler: unknown, store: unknown): boolean {
  return typeof handler === 'function' && handler.name === 'routeHandler' && typeof store === 'object' && store !== null
}

/** Every failure of a request, of a handler, a hook, a serializer or a stream, gets to `handleError`. */
function reportingFailures(exports: object): object {
  const latest = new WeakMap<Reply, unknown>()
  const observe = (reply: Reply, error: unknown): void => {
    const raw = reply.request?.raw
    // A hook that fails for the response fails again for the response of each error handler.
    if (raw !== undefined && !isAlike(latest.get(reply), error)) recordFailure(raw, error)
    latest.set(reply, error)
  }
  return withCall(exports, { after: /^function handleError \(reply, error, cb\) \{$/, args: 'reply, error', observe })
}

function isAlike(one: unknown, other: unknown): boolean {
  return one instanceof Error && other instanceof Error && one.name === other.name && one.message === other.message
}
