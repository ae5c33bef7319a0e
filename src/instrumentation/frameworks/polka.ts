import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { setRoute } from '../http/route.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'
import { joinTemplates } from './templates.ts'

interface Request {
  readonly url?: string
  readonly originalUrl?: string
}

type Handler = (this: unknown, request: Request, ...args: unknown[]) => unknown
type Add = (this: unknown, method: unknown, pattern: unknown, ...handlers: unknown[]) => unknown

/** Polka 0.5 and 1.0: each handler of a route names it when it is called. */
export class PolkaInstrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/polka', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition('polka', ['>=0.5.0 <2', '1.0.0-next.x'], (exports: object) => {
      const { default: byDefault = exports } = exports as { readonly default?: unknown }
      // The class is not exported; an app opens nothing before it listens.
      const app = (byDefault as () => object)()
      replaceMethod<Add>(Object.getPrototypeOf(app) as object, 'add', adding)
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

function naming(handler: Handler, pattern: string): Handler {
  return inPlaceOf<Handler>(handler, function (this: unknown, request, ...args) {
    setRoute(request, joinTemplates(mountOf(request), pattern.startsWith('/') ? pattern : `/${pattern}`))
    return handler.call(this, request, ...args)
  })
}

/** Apps are mounted at plain text, which is cut off the URL. */
function mountOf({ url = '/', originalUrl = url }: Request): string {
  const [original = ''] = originalUrl.split('?', 1)
  const [inner = ''] = url.split('?', 1)
  return original.endsWith(inner) ? original.slice(0, original.length - inner.length) : ''
}
