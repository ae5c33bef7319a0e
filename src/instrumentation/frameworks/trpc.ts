import { context } from '@opentelemetry/api'
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { ServerRequest } from '../http/server-request.ts'
import { RawRoutes } from './raw-routes.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'

interface Router {
  readonly _def?: { procedures?: object }
}

type MakeRouter = (this: unknown, ...args: unknown[]) => Router
type Create = (this: unknown, ...args: unknown[]) => { router?: MakeRouter; mergeRouters?: MakeRouter }

/**
 * tRPC 10 and 11, whatever serves it. A router looks each procedure up by its path before it calls it: the look-up names the route,
 * and the procedures are the app's own. A middleware would be in the stack of every error, which tRPC sends to its clients.
 */
export class TrpcInstrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/trpc', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      '@trpc/server',
      ['>=10.0.0 <12'],
      (exports: { readonly initTRPC?: object }) => {
        const { initTRPC } = exports
        if (initTRPC !== undefined) replaceMethod<Create>(Object.getPrototypeOf(initTRPC) as object, 'create', creating)
        return exports
      },
    )
  }
}

function creating(create: Create): Create {
  return function (this: unknown, ...args) {
    const made = create.apply(this, args)
    for (const method of ['router', 'mergeRouters'] as const) {
      const make = made[method]
      if (typeof make === 'function') made[method] = inPlaceOf(make, watching(make))
    }
    return made
  }
}

function watching(make: MakeRouter): MakeRouter {
  return function (this: unknown, ...args) {
    const router = make.apply(this, args)
    const { _def: definition } = router
    if (typeof definition?.procedures !== 'object') return router
    definition.procedures = new Proxy(definition.procedures, {
      get(procedures, path, receiver) {
        const procedure: unknown = Reflect.get(procedures, path, receiver)
        if (typeof path === 'string' && typeof procedure === 'function') lookedUp(path)
        return procedure
      },
    })
    return router
  }
}

function lookedUp(path: string): void {
  const served = ServerRequest.active(context.active())
  if (served !== undefined && isAskedFor(served.url, path)) name(served, path)
}

/** A page may call procedures of its own server while it is rendered: these are no routes. */
function isAskedFor(url: string, path: string): boolean {
  return proceduresOf(url).split(',').includes(path)
}

function proceduresOf(url: string): string {
  const [pathname = ''] = url.split('?', 1)
  try {
    return decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1))
  } catch {
    return ''
  }
}

const asked = new WeakMap<ServerRequest, Set<string>>()
/** A batch of more than these is named as one, so that routes stay few. */
const MAX_NAMED = 3

function name(served: ServerRequest, path: string): void {
  const procedures = asked.get(served) ?? new Set<string>()
  if (procedures.size === 0) asked.set(served, procedures)
  procedures.add(path)
  const named = procedures.size > MAX_NAMED ? '[batch]' : [...procedures].toSorted().join(',')
  served.route = `${prefixOf(served)}/${named}`
  served.isRouteLeft = false
}

const prefixes = new WeakMap<ServerRequest, string>()
/** Some adapters look at the last part of a path alone, so that clients could make up any others. */
const rawPrefixes = new RawRoutes()
/** `/api/trpc/:path`, `/api/trpc/*`, `/api/trpc/[trpc]`: of the framework that tRPC is mounted in. */
const TAKES_PROCEDURES = /\/(?:[:*][^/]*|\[[^/]*\]|\{[^/]*\})$/

/** Where tRPC is mounted: by the route of the framework around it, or else by the path that was asked for. */
function prefixOf(served: ServerRequest): string {
  const known = prefixes.get(served)
  if (known !== undefined) return known
  const { route, url } = served
  const [pathname = ''] = url.split('?', 1)
  const isTemplate = route !== undefined && TAKES_PROCEDURES.test(route) && route.lastIndexOf('/') > 0
  const prefix = isTemplate
    ? route.replace(TAKES_PROCEDURES, '')
    : rawPrefixes.of(pathname.slice(0, pathname.lastIndexOf('/')))
  prefixes.set(served, prefix)
  return prefix
}
