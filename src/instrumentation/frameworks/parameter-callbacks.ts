import { nameUnlessNamed } from './name-at-end.ts'

interface Router {
  /** Functions of `router.param()`, by the parameter's name. */
  readonly params?: object
}

interface Request {
  /** The last route that matched, set before the functions are called. */
  readonly route?: unknown
}

type Leave = (error: unknown) => void

/**
 * Names requests that a function of `router.param()` answers or fails. Such a function is called when a route has
 * matched and before the route is dispatched, so that none of the route's handlers runs.
 */
export class ParameterCallbacks {
  readonly #passed = new WeakMap<object, unknown>()

  /**
   * A router begins to handle a request. `naming` returns a function from a route of this router to its template.
   * Returns a function to be called when the router passes the request or an error on; undefined for a router without
   * such functions.
   */
  enter(
    { params }: Router,
    request: Request & object,
    naming: (request: object) => (route: unknown) => string | undefined,
  ): Leave | undefined {
    if (params === undefined || Object.keys(params).length === 0) return undefined
    const nameOf = naming(request)
    const pending = nameUnlessNamed(request, () =>
      request.route === this.#passed.get(request) ? undefined : nameOf(request.route),
    )
    return (error) => {
      if (error) pending.now()
      else this.#passed.set(request, request.route)
      pending.cancel()
    }
  }
}
