import { leaveRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { setInnerRoute } from './inner-route.ts'
import { passingOn } from './passing-on.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'
import { joinTemplates } from './templates.ts'

interface KoaContext {
  readonly req: object
  readonly path: string
  readonly originalUrl: string
  /** The path of the innermost mount, set by koa-mount. */
  readonly mountPath?: unknown
  /** The path of the layer that the router entered last, whether a route or a middleware. */
  readonly _matchedRoute?: unknown
}

/** A route, or a middleware of a router, which has no methods. */
interface Layer {
  readonly path: unknown
  readonly methods: readonly unknown[]
}

interface Matched {
  readonly pathAndMethod: readonly Layer[]
  /** Whether one of the layers is a route. */
  readonly route: boolean
}

type Dispatch = (this: unknown, ctx: KoaContext, next: () => unknown) => unknown
type Routes = (this: unknown, ...args: unknown[]) => Dispatch
type Match = (this: unknown, ...args: unknown[]) => Matched

/** A router that serves a request, with what is known before its layers run. */
interface Dispatching {
  readonly ctx: KoaContext
  mount: string
  routes: readonly Layer[]
}

let dispatching: Dispatching | undefined

/** Names the routes of the routers of `@koa/router` and `koa-router` once they have matched. */
export function watchRouter(prototype: object): void {
  for (const method of ['routes', 'middleware']) replaceMethod<Routes>(prototype, method, watchDispatch)
  replaceMethod<Match>(prototype, 'match', naming)
}

/** A router matches before its layers run. A layer may enter another router. */
function naming(match: Match): Match {
  return function (this: unknown, ...args) {
    const matched = match.apply(this, args)
    if (dispatching === undefined || !matched.route) return matched
    const { ctx } = dispatching
    dispatching.mount = mountOf(ctx)
    dispatching.routes = matched.pathAndMethod.filter(({ methods }) => methods.length > 0)
    name(dispatching, dispatching.routes[0])
    dispatching = undefined
    return matched
  }
}

function watchDispatch(routes: Routes): Routes {
  return function (this: unknown, ...args) {
    const dispatch = routes.apply(this, args)
    return Object.assign(inPlaceOf(dispatch, watched(dispatch)), dispatch)
  }
}

function watched(dispatch: Dispatch): Dispatch {
  return function (this: unknown, ctx, next) {
    const own: Dispatching = { ctx, mount: '', routes: [] }
    const outer = dispatching
    dispatching = own
    const passOn = (): unknown => {
      if (own.routes.length > 0) leaveRoute(ctx.req)
      return next()
    }
    try {
      const result = dispatch.call(this, ctx, passOn)
      return result instanceof Promise ? watchResult(result, own) : result
    } finally {
      dispatching = outer
    }
  }
}

function watchResult(result: Promise<unknown>, own: Dispatching): Promise<unknown> {
  const { ctx, routes } = own
  const nameLast = (): void => {
    const last = routes.find(({ path }) => path === ctx._matchedRoute)
    if (last !== undefined && last !== routes[0]) name(own, last)
  }
  return passingOn(result, nameLast, (error) => {
    nameLast()
    // A surrounding middleware may handle the error, so it is recorded here.
    recordFailure(ctx.req, error)
  })
}

function name({ ctx, mount }: Dispatching, route: Layer | undefined): void {
  if (route !== undefined) setInnerRoute(ctx.req, joinTemplates(mount, String(route.path)))
}

/**
 * Returns the path of all surrounding mounts. Mount paths of koa-mount are plain text. The context contains only the
 * innermost one, but the path has been cut by all of them.
 */
function mountOf({ mountPath, originalUrl, path }: KoaContext): string {
  if (typeof mountPath !== 'string') return ''
  const [original = ''] = originalUrl.split('?', 1)
  const prefix = original.endsWith(path) ? original.slice(0, original.length - path.length) : original
  return prefix.endsWith(mountPath.replace(/\/$/, '')) ? prefix : ''
}
