import { setRoute } from '../http/route.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'

/** find-my-way on its own: a request's route is named when its router finds the handler for it. Handlers are the app's own wherever it sees them. */

type Handler = (this: unknown, ...args: unknown[]) => unknown
type Lookup = (this: unknown, request: object, ...rest: unknown[]) => unknown
type Find = (this: unknown, ...args: unknown[]) => { handler?: Handler } | null

/** What the router keeps in place of a handler, so that what it finds tells the path. */
interface Kept {
  readonly path: string
  readonly handler: Handler
}

const kept = new WeakMap<Handler, Kept>()
/** The request that a router is looking up. Where constraints are asynchronous, it finds the handler later, and names nothing. */
let lookedUp: object | undefined

export function watchFinding(prototype: object): void {
  replaceMethod<Lookup>(
    prototype,
    'lookup',
    (lookup) =>
      function (this: unknown, request, ...rest) {
        const before = lookedUp
        lookedUp = request
        try {
          return lookup.call(this, request, ...rest)
        } finally {
          lookedUp = before
        }
      },
  )
  for (const name of ['find', 'findRoute']) replaceMethod<Find>(prototype, name, finding)
}

function finding(find: Find): Find {
  return function (this: unknown, ...args) {
    const found = find.apply(this, args)
    const { path, handler } = (found?.handler !== undefined && kept.get(found.handler)) || {}
    if (found === null || path === undefined || handler === undefined) return found
    const request = lookedUp
    lookedUp = undefined
    if (request !== undefined) setRoute(request, path)
    found.handler = handler
    return found
  }
}

/** A route with an optional part is two: both have the path that the app gave. */
export function keptFor(path: string, handler: Handler): Handler {
  if (kept.has(handler)) return handler
  const keeping = inPlaceOf<Handler>(handler, function (this: unknown, ...args) {
    return handler.apply(this, args)
  })
  kept.set(keeping, { path, handler })
  return keeping
}

/** What a router lists of its routes has the app's handlers. */
export function restoreListed(routes: unknown, from: number): void {
  if (!Array.isArray(routes)) return
  for (const route of routes.slice(from) as { handler?: Handler }[]) {
    const own = route.handler === undefined ? undefined : kept.get(route.handler)
    if (own !== undefined) route.handler = own.handler
  }
}
