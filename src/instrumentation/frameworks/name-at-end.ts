import { servedOf } from '../http/route.ts'

/**
 * Sets the template that `find` returns when the request ends, unless it has a route by then. `now()` does so at once;
 * `cancel()` leaves it to an earlier call of this function.
 */
export function nameUnlessNamed(request: object, find: () => string | undefined): { now(): void; cancel(): void } {
  const served = servedOf(request)
  const before = served?.nameAtEnd
  const now = (): void => {
    const route = served?.route ?? find()
    if (served !== undefined && route !== undefined) served.route = route
  }
  const cancel = (): void => {
    if (served?.nameAtEnd === now) served.nameAtEnd = before
  }
  if (served !== undefined) served.nameAtEnd = now
  return { now, cancel }
}
