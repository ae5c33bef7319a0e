import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { mountAround } from '../http/route.ts'
import { isAnswerByCode, recordFailure } from './failures.ts'
import { setInnerRoute } from './inner-route.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'
import { joinTemplates } from './templates.ts'

interface Request {
  readonly url?: string
  readonly originalUrl?: string
  /** The part of the URL that routers of Express around the app have removed. */
  readonly baseUrl?: string
}

type Handler = (this: unknown, request: Request, ...args: unknown[]) => unknown
type OnError = (this: unknown, error: unknown, request: object, ...rest: unknown[]) => unknown
type Serve = (this: { readonly onError: OnError }, request: Request, ...args: unknown[]) => unknown
type Add = (this: unknown, method: unknown, pattern: unknown, ...handlers: unknown[]) => unknown

/** Instruments Polka 0.5 and 1.0: each handler of a route names it when it is called. */
export class PolkaInstrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/polka', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition('polka', ['>=0.5.0 <2', '1.0.0-next.x'], (exports: object) => {
      const { default: byDefault = exports } = exports as { readonly default?: unknown }
      // The class is not exported. Creating an app opens nothing until it listens.
      const app = (byDefault as () => object)()
      const prototype = Object.getPrototypeOf(app) as object
      replaceMethod<Add>(prototype, 'add', adding)
      replaceMethod<Serve>(prototype, 'handler', serving)
      return exports
    })
  }
}

function adding(add: Add): Add {
  return function (this: unknown, method, pattern, ...handlers) {
    const watched = handlers.map((each) =>
      typeof each === 'function' ? naming(each as Handler, String(pattern)) : each,
    )
    return add.call(this, method, pattern, ...watched)
  }
}

/** The mount of the app that serves a request. Middlewares may cut more off the URL, which routes do not see. */
const mounts = new WeakMap<Request, string>()

/** Records what a handler passes on or throws before it reaches the app's `onError`, which is not replaced. */
function serving(serve: Serve): Serve {
  return function (this, request, ...args) {
    const { onError } = this
    mounts.set(request, mountOf(request))
    const value: OnError = function (this: unknown, error, of, ...rest) {
      if (!isAnswerByCode(error)) recordFailure(of, error)
      return onError.call(this, error, of, ...rest)
    }
    return serve.call(Object.create(this, { onError: { value } }) as typeof this, request, ...args)
  }
}

function naming(handler: Handler, pattern: string): Handler {
  return inPlaceOf<Handler>(handler, function (this: unknown, request, ...args) {
    setInnerRoute(request, joinTemplates(mounts.get(request) ?? '', pattern.startsWith('/') ? pattern : `/${pattern}`))
    return handler.call(this, request, ...args)
  })
}

/** Returns the part that Polka's own mounts, which are plain text like those of Connect, have cut off the URL. */
function mountOf(request: Request): string {
  const { url = '/', originalUrl = url, baseUrl = mountAround(request) } = request
  const original = (originalUrl.split('?', 1)[0] ?? '').slice(baseUrl.length)
  const [inner = ''] = url.split('?', 1)
  if (inner === '/' && !original.endsWith('/')) return original
  return original.endsWith(inner) ? original.slice(0, original.length - inner.length) : ''
}
