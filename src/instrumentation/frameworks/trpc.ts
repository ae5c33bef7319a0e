import { context } from '@opentelemetry/api'
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { ServerRequest } from '../http/server-request.ts'
import { positionOf } from './mounts.ts'
import { RawRoutes } from './raw-routes.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'
import { joinTemplates } from './templates.ts'

interface Router {
  readonly _def?: { procedures?: object }
}

type MakeRouter = (this: unknown, ...args: unknown[]) => Router
type Create = (this: unknown, ...args: unknown[]) => { router?: MakeRouter; mergeRouters?: MakeRouter }

/**
 * Instruments tRPC 10 and 11 with any server. A router looks up each procedure by its path before it calls it; the
 * lookup names the route and procedures are not wrapped. A middleware would appear in the stack of every error, which
 * tRPC sends to its clients.
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
        if (typeof path === 'string') lookedUp(path, typeof procedure === 'function')
        return procedure
      },
    })
    return router
  }
}

function lookedUp(path: string, isProcedure: boolean): void {
  const served = ServerRequest.active(context.active())
  if (served === undefined) return
  const requested = new Set(proceduresOf(served.url).split(','))
  // While a page is rendered, it may call procedures of its own server; these are not routes.
  if (requested.has(path)) name(served, path, isProcedure, requested.size)
}

function proceduresOf(url: string): string {
  const [pathname = ''] = url.split('?', 1)
  try {
    return decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1))
  } catch {
    return ''
  }
}

/** The paths of a request that were looked up, and those of them that are procedures. */
interface LookUps {
  readonly paths: Set<string>
  readonly procedures: Set<string>
}

const lookUps = new WeakMap<ServerRequest, LookUps>()
/** A larger batch gets one name for all, to limit the number of routes. */
const MAX_NAMED = 3
/** Clients choose what they combine: so many combinations have names of their own. */
const MAX_COMBINATIONS = 20
const combinations = new Set<string>()
const BATCH = '[batch]'

function name(served: ServerRequest, path: string, isProcedure: boolean, requested: number): void {
  const { paths, procedures } = lookUps.get(served) ?? { paths: new Set(), procedures: new Set() }
  lookUps.set(served, { paths, procedures })
  paths.add(path)
  if (isProcedure) procedures.add(path)
  if (procedures.size === 0) return
  let named = procedures.size > MAX_NAMED ? BATCH : [...procedures].toSorted().join(',')
  if (procedures.size > 1 && named !== BATCH && paths.size === requested) {
    if (combinations.size < MAX_COMBINATIONS) combinations.add(named)
    if (!combinations.has(named)) named = BATCH
  }
  served.route = `${prefixOf(served)}/${named}`
  served.isRouteLeft = false
}

const prefixes = new WeakMap<ServerRequest, string>()
/** Some adapters only use the last segment of a path, so clients could create any number of routes. */
const rawPrefixes = new RawRoutes()
/** Matches routes of the framework in which tRPC is mounted: `/api/trpc/:path`, `/api/trpc/*`, `/api/trpc/[trpc]`. */
const TAKES_PROCEDURES = /\/(?:[:*][^/]*|\[[^/]*\]|\{[^/]*\})$/

/**
 * Returns the path at which tRPC is mounted: from the route or the mounts of the surrounding framework, or else from the
 * requested path.
 */
function prefixOf(served: ServerRequest): string {
  const known = prefixes.get(served)
  if (known !== undefined) return known
  const { route } = served
  const isTemplate = route !== undefined && TAKES_PROCEDURES.test(route) && route.lastIndexOf('/') > 0
  const prefix = isTemplate ? route.replace(TAKES_PROCEDURES, '') : prefixInMount(served)
  prefixes.set(served, prefix)
  return prefix
}

function prefixInMount(served: ServerRequest): string {
  const { mount, inside } = positionOf(served)
  const folder = inside.slice(0, inside.lastIndexOf('/'))
  return folder === '' ? mount : joinTemplates(mount, rawPrefixes.of(folder))
}
