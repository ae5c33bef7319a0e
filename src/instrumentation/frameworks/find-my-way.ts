import { setRoute } from '../http/route.ts'
import { inPlaceOf, replaceMethod } from './replace-method.ts'

/**
 * Instruments find-my-way without a framework: the route of a request is named when the router finds its handler. The
 * app always sees its own handlers.
 */

type Handler = (this: unknown, ...args: unknown[]) => unknown
type Lookup = (this: unknown, request: object, ...rest: unknown[]) => unknown
type Find = (this: unknown, ...args: unknown[]) => { handler?: Handler } | null

/** Stored in the router in place of a handler, so that a match provides the path. */
interface StoredHandler {
  readonly path: string
  readonly handler: Handler
}

const kept = new WeakMap<Handler, StoredHandler>()
/**
 * The request that a router is looking up. With asynchronous constraints, the handler is found later and nothing is
 * named.
 */
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

/** A route with an optional part is registered twice; both entries have the path that the app passed. */
export function storedHandlerFor(path: string, handler: Handler): Handler {
  if (kept.has(handler)) return handler
  const keeping = inPlaceOf<Handler>(handler, function (this: unknown, ...args) {
    return handler.apply(this, args)
  })
  kept.set(keeping, { path, handler })
  return keeping
}

/** Restores the app's handlers in the list of routes that a router returns. */
export function restoreListed(routes: unknown, from: number): void {
  if (!Array.isArray(routes)) return
  for (const route of routes.slice(from) as { handler?: Handler }[]) {
    const own = route.handler === undefined ? undefined : kept.get(route.handler)
    if (own !== undefined) route.handler = own.handler
  }
}
