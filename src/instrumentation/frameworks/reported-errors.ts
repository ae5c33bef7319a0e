import { recordFailure } from './failures.ts'
import { failParameters } from './parameter-callbacks.ts'
import { withCall } from './with-call.ts'

const failed = new WeakSet<object>()

/** Returns whether a handler of the request has failed, in a router with `reportingErrors`. */
export function hasFailed(request: object): boolean {
  return failed.has(request)
}

/**
 * Returns the exports of the file that contains the `next(err)` of a router or a Connect app, which reports the errors
 * that it gets, as `router` does itself since 2.3.
 */
export function reportingErrors<Exports extends object>(exports: Exports): Exports {
  return withCall(exports, { after: /function next ?\(err\) \{$/, args: 'req, err', observe: report })
}

/** Does the same for the package `router`, which reports its errors itself since 2.3. */
export function reportingErrorsOfRouter<Exports extends object>(exports: Exports, version = '0'): Exports {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 2 || (major === 2 && minor >= 3) ? exports : reportingErrors(exports)
}

function report(request: object, error: unknown): void {
  if (!error || error === 'route' || error === 'router') return
  failed.add(request)
  failParameters(request)
  recordFailure(request, error)
}
