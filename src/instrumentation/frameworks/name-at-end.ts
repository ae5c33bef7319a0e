import { servedOf } from '../http/route.ts'
import type { ServerRequest } from '../http/server-request.ts'

/** Sets the template that `find` returns when the request ends, unless it has a route by then. */
export function nameUnlessNamed(request: object, find: () => string | undefined): void {
  atEnd(request, (served) => {
    const route = served.route ?? find()
    if (route !== undefined) served.route = route
  })
}

/**
 * Calls `callback` when the request ends, before its route is read; `servedOf` no longer finds it then. The callback that
 * was added last is called first.
 */
export function atEnd(request: object, callback: (served: ServerRequest) => void): void {
  const served = servedOf(request)
  if (served === undefined) return
  const before = served.nameAtEnd
  served.nameAtEnd = () => {
    callback(served)
    before?.()
  }
}
