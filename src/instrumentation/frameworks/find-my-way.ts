import { calledAfter } from './called-after.ts'
import { setInnerRoute } from './inner-route.ts'
import { replaceMethod } from './replace-method.ts'

/**
 * Instruments find-my-way without a framework: the route of a request is named when the router finds its handler. The
 * app always sees its own handlers.
 */

type Handler = (this: unknown, ...args: unknown[]) => unknown
type Derive = (this: unknown, request: LookedUp, context: unknown, done?: unknown) => unknown
type Find = (this: unknown, ...args: unknown[]) => { handler?: Handler } | null

interface LookedUp {
  readonly url?: unknown
}

interface Router {
  readonly constrainer?: object
}

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
let lookedUp: LookedUp | undefined

export function watchFinding(prototype: object): void {
  for (const name of ['find', 'findRoute', '_findCompiled']) replaceMethod<Find>(prototype, name, finding)
}

/**
 * A router derives the constraints of a request just before it finds its handler. This is watched instead of the
 * `lookup` around both, which would be in the stacks of handlers.
 */
export function watchLookups({ constrainer }: Router): void {
  if (constrainer === undefined) return
  replaceMethod<Derive>(
    Object.getPrototypeOf(constrainer) as object,
    'deriveConstraints',
    (derive) =>
      function (this: unknown, request, context, done) {
        lookedUp = request
        if (done === undefined) return derive.call(this, request, context)
        try {
          return derive.call(this, request, context, done)
        } finally {
          lookedUp = undefined
        }
      },
  )
}

function finding(find: Find): Find {
  return function (this: unknown, ...args) {
    const request = lookedUp
    lookedUp = undefined
    const found = find.apply(this, args)
    const { path, handler } = (found?.handler !== undefined && kept.get(found.handler)) || {}
    if (found === null || path === undefined || handler === undefined) return found
    // An app may call `find` itself, for no request.
    if (request !== undefined && request.url === args[1]) setInnerRoute(request, path)
    found.handler = handler
    return found
  }
}

/** A route with an optional part is registered twice; both entries have the path that the app passed. */
export function storedHandlerFor(path: string, handler: Handler): Handler {
  if (kept.has(handler)) return handler
  // A router with `compile()` calls it without finding it first.
  const keeping = calledAfter(handler, () => {
    const request = lookedUp
    lookedUp = undefined
    if (request !== undefined) setInnerRoute(request, path)
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
