import {
  InstrumentationBase,
  type InstrumentationConfig,
  InstrumentationNodeModuleDefinition,
} from '@opentelemetry/instrumentation'
import { VERSION } from '../../base/version.ts'
import { nameActiveRoute, withdrawActiveRoute } from '../http/route.ts'
import { inPlaceOf } from './replace-method.ts'
import { joinTemplates } from './templates.ts'

/** A route of the manifest in the build output. */
interface ManifestRoute {
  readonly id: string
  readonly parentId?: string
  readonly path?: string
  readonly index?: boolean
  readonly caseSensitive?: boolean
}

interface RouteNode extends ManifestRoute {
  readonly children?: RouteNode[]
}

interface Build {
  readonly routes: Readonly<Record<string, ManifestRoute | undefined>>
  readonly basename?: string
}

type RequestHandler = (this: unknown, request: { readonly url: string }, ...rest: unknown[]) => unknown
type CreateRequestHandler = (this: unknown, build: Build | (() => unknown), ...rest: unknown[]) => RequestHandler
type MatchRoutes = (
  routes: readonly RouteNode[],
  pathname: string,
  basename?: string,
) => readonly { readonly route: RouteNode }[] | null

interface Exports {
  createRequestHandler?: CreateRequestHandler
  readonly matchRoutes?: MatchRoutes
}

/**
 * Instruments React Router 7 as a framework. Its build output imports the package, whose own function is used to match
 * the path before a request is handled.
 */
export class ReactRouterInstrumentation extends InstrumentationBase {
  constructor(config: InstrumentationConfig = {}) {
    super('@paxx/obs/react-router', VERSION, config)
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition('react-router', ['>=7.0.0 <9'], (exports: Exports) => {
      const { createRequestHandler, matchRoutes } = exports
      if (createRequestHandler === undefined || matchRoutes === undefined) return exports
      exports.createRequestHandler = inPlaceOf(createRequestHandler, creating(createRequestHandler, matchRoutes))
      return exports
    })
  }
}

function creating(create: CreateRequestHandler, matchRoutes: MatchRoutes): CreateRequestHandler {
  return function (this: unknown, build, ...rest) {
    const handler = create.call(this, build, ...rest)
    // A development server builds its routes for each request.
    if (typeof build === 'function') return handler
    let routes: RouteNode[] | undefined
    const name = (url: string): void => {
      routes ??= childrenOf(build, undefined)
      const path = pathOf(url)
      // `matchRoutes` prints a line for each path that it cannot decode.
      const route = isDecodable(path) ? routeOf(matchRoutes(routes, path, build.basename)) : undefined
      const { pathname } = new URL(url)
      if (route === undefined) withdrawActiveRoute(pathname)
      else nameActiveRoute(route, pathname)
    }
    return inPlaceOf<RequestHandler>(handler, function (this: unknown, request, ...others) {
      try {
        name(request.url)
      } catch {
        // An invalid build or request is rejected by the package itself.
      }
      return handler.call(this, request, ...others)
    })
  }
}

function isDecodable(path: string): boolean {
  try {
    return decodeURIComponent(path) !== ''
  } catch {
    return false
  }
}

function childrenOf({ routes }: Build, parentId: string | undefined): RouteNode[] {
  return Object.values(routes)
    .filter((route) => route !== undefined && route.parentId === parentId)
    .map((route) => {
      const { id, path, index, caseSensitive } = route as ManifestRoute
      const node = { id, ...(path === undefined ? {} : { path }), caseSensitive: caseSensitive === true }
      return index === true ? { ...node, index } : { ...node, children: childrenOf({ routes }, id) }
    })
}

/** A client requests the data of a page by its path and a suffix. */
function pathOf(url: string): string {
  const { pathname } = new URL(url)
  return pathname.endsWith('.data') ? pathname.slice(0, -'.data'.length).replace(/\/_root$/, '/') : pathname
}

function routeOf(matches: ReturnType<MatchRoutes>): string | undefined {
  if (matches === null) return undefined
  const template = matches.reduce((mount, { route: { path } }) => joinTemplates(mount, path ?? ''), '')
  return template.startsWith('/') ? template : `/${template}`
}
