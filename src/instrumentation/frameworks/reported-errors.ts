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

function report(request: object, error: unknown): void {
  if (!error || error === 'route' || error === 'router') return
  failed.add(request)
  failParameters(request)
  recordFailure(request, error)
}
