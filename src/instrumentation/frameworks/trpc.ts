import { context } from '@opentelemetry/api'
import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { patchedFile } from '../patched-file.ts'
import { VERSION } from '../../base/version.ts'
import { mountAround } from '../http/route.ts'
import { ServerRequest } from '../http/server-request.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'
import { joinTemplates } from './templates.ts'

const SUPPORTED = ['>=10.0.0 <12']

interface Router {
  readonly _def?: { procedures?: object }
}

type MakeRouter = (this: unknown, ...args: unknown[]) => Router
/** `createHTTPHandler`, `createHTTPServer` and `createHTTP2Handler` of the standalone adapter. */
type Serve = (this: unknown, options: StandaloneOptions, ...rest: unknown[]) => unknown

interface StandaloneOptions {
  readonly router?: Router
  readonly basePath?: unknown
}

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
      SUPPORTED,
      (exports: { readonly initTRPC?: object }) => {
        const { initTRPC } = exports
        if (initTRPC !== undefined) replaceMethod<Create>(Object.getPrototypeOf(initTRPC) as object, 'create', creating)
        return exports
      },
      undefined,
      ['js', 'cjs', 'mjs'].map((extension) =>
        patchedFile(`@trpc/server/dist/adapters/standalone.${extension}`, SUPPORTED, watchStandalone),
      ),
    )
  }
}

/** The paths at which standalone servers serve a router, by the procedures of the router. */
const basePaths = new WeakMap<object, Set<string>>()

function watchStandalone(exports: object): void {
  for (const name of ['createHTTPHandler', 'createHTTPServer', 'createHTTP2Handler'])
    replaceMethod<Serve>(exports, name, learningBasePath)
}

function learningBasePath(serve: Serve): Serve {
  return function (this: unknown, options, ...rest) {
    const served = serve.call(this, options, ...rest)
    const procedures = options.router?._def?.procedures
    if (procedures !== undefined && typeof options.basePath === 'string') {
      const known = basePaths.get(procedures) ?? new Set()
      basePaths.set(procedures, known.add(`/${options.basePath.replaceAll(/^\/|\/$/g, '')}`))
    }
    return served
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
        if (typeof path === 'string') lookedUp(path, typeof procedure === 'function', receiver as object)
        return procedure
      },
    })
    return router
  }
}

function lookedUp(path: string, isProcedure: boolean, procedures: object): void {
  const served = ServerRequest.active(context.active())
  if (served === undefined) return
  const requested = new Set(proceduresOf(served.url).split(','))
  // While a page is rendered, it may call procedures of its own server; these are not routes.
  if (!requested.has(path)) return
  const prefix = prefixes.get(served) ?? prefixOf(served, basePaths.get(procedures))
  prefixes.set(served, prefix)
  name(served, path, isProcedure, requested.size)
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
  served.route = `${prefixes.get(served) ?? ''}/${named}`
  served.isRouteLeft = false
}

const prefixes = new WeakMap<ServerRequest, string>()
/** Matches routes of the framework in which tRPC is mounted: `/api/trpc/:path`, `/api/trpc/*`, `/api/trpc/[trpc]`. */
const TAKES_PROCEDURES = /\/(?:[:*][^/]*|\[[^/]*\]|\{[^/]*\})$/

/**
 * Returns the path at which tRPC is mounted: from the route or the mounts of the surrounding framework, or the path that
 * a standalone server is configured with. Anything else in the requested path may be a value that the client chose.
 */
function prefixOf({ route, mounted, url }: ServerRequest, configured: ReadonlySet<string> = new Set()): string {
  if (route !== undefined && TAKES_PROCEDURES.test(route) && route.lastIndexOf('/') > 0)
    return route.replace(TAKES_PROCEDURES, '')
  const { url: inside = url } = (mounted ?? {}) as { readonly url?: string }
  const [pathname = ''] = inside.split('?', 1)
  const requested = pathname.slice(0, pathname.lastIndexOf('/'))
  return joinTemplates(mountAround(), configured.has(requested) ? requested : '')
}
