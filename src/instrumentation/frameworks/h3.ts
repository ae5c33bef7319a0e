import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { leaveRoute, nameActiveRoute, setRoute } from '../http/route.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'
import { joinTemplates } from './templates.ts'

/** An event of h3 1. */
interface Event {
  readonly node?: { readonly req?: object }
  readonly context?: { readonly matchedRoute?: { readonly path?: unknown } }
}

type Handler = (this: unknown, event: Event) => unknown
type CreateRouter = (this: unknown, ...args: unknown[]) => { handler?: Handler }
/** The router's result in h3 2. */
type FindRoute = (
  this: unknown,
  event: { readonly url: URL },
) => { readonly data?: { readonly route?: unknown } } | undefined

interface Exports {
  createRouter?: CreateRouter
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
      const { createRouter, H3 } = exports
      if (H3 !== undefined) replaceMethod<FindRoute>(H3.prototype, '~findRoute', finding)
      else if (createRouter !== undefined) exports.createRouter = inPlaceOf(createRouter, creating(createRouter))
      return exports
    })
  }
}

function finding(findRoute: FindRoute): FindRoute {
  return function (this: unknown, event) {
    const found = findRoute.call(this, event)
    const route = found?.data?.route
    if (typeof route === 'string') nameActiveRoute(route, event.url.pathname)
    return found
  }
}

function creating(createRouter: CreateRouter): CreateRouter {
  return function (this: unknown, ...args) {
    const router = createRouter.apply(this, args)
    const { handler } = router
    if (typeof handler === 'function') router.handler = Object.assign(inPlaceOf(handler, naming(handler)), handler)
    return router
  }
}

interface Place {
  /** The template of the routers around the running one. */
  readonly prefix: string
  /** The route that was named last. */
  named?: unknown
}

const places = new WeakMap<Event, Place>()

/** A router finds its route before its handler returns. Nested routers do so earlier. */
function naming(handler: Handler): Handler {
  return function (this: unknown, event) {
    const before = event.context?.matchedRoute
    const around = before === undefined ? '' : (String(before.path).split('/**', 1)[0] ?? '')
    const place: Place = { prefix: (places.get(event)?.prefix ?? '') + around }
    places.set(event, place)
    try {
      const result = handler.call(this, event)
      const request = event.node?.req
      // An undefined result means that the router passes the request on.
      if (request !== undefined && result instanceof Promise)
        result.then((value) => value === undefined && leaveRoute(request)).catch(() => {})
      return result
    } finally {
      const found = event.context?.matchedRoute
      const last = places.get(event)
      if (found !== undefined && found !== before && last?.named !== found) {
        place.named = found
        places.set(event, place)
        if (event.node?.req !== undefined) setRoute(event.node.req, joinTemplates(place.prefix, String(found.path)))
      }
    }
  }
}
