import { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { leaveRoute } from '../http/route.ts'
import { recordFailure } from './failures.ts'
import { failParameters, passParameters } from './parameter-callbacks.ts'
import { inPlaceOf, isReplacement } from './replace-method.ts'

/**
 * The packages by which it is known, without a frame in the stack of any handler, which request a layered router is
 * about to pass to a layer, and how a request ended that no layer answered.
 */

type ParseUrl = (this: unknown, request: object) => unknown
type Final = (this: unknown, error?: unknown, ...rest: unknown[]) => unknown
type FinalHandler = (this: unknown, request: object, response: Response, ...rest: unknown[]) => Final

interface Response {
  readonly headersSent?: boolean
}

/** The request whose path was parsed last. A router parses it each time before it looks for the next layer. */
let parsed: object | undefined

/** Returns the request whose path a router has parsed, to compare it with the paths of its layers. */
export function parsedRequest(): object | undefined {
  return parsed
}

/** Returns the request that a router is about to pass to a layer, once; undefined if it is not known. */
export function takeNextRequest(): object | undefined {
  const request = parsed
  parsed = undefined
  return request
}

export function watchedDependencies(): InstrumentationNodeModuleDefinition[] {
  return [
    new InstrumentationNodeModuleDefinition('parseurl', ['>=1.0.0 <2'], (exports: unknown) =>
      replaced(exports, parsing),
    ),
    new InstrumentationNodeModuleDefinition('finalhandler', ['<3'], (exports: unknown) => replaced(exports, finishing)),
  ]
}

/** The instrumentations of Express and of `router` both watch them, and each of them is replaced once. */
function replaced<F extends (this: unknown, ...args: never[]) => unknown>(
  exports: unknown,
  make: (original: F) => F,
): unknown {
  if (typeof exports !== 'function' || isReplacement(exports)) return exports
  return Object.assign(inPlaceOf(exports as F, make(exports as F)), exports)
}

function parsing(parseUrl: ParseUrl): ParseUrl {
  return function (this: unknown, request) {
    parsed = request
    return parseUrl.call(this, request)
  }
}

function finishing(finalHandler: FinalHandler): FinalHandler {
  return function (this: unknown, request, response, ...rest) {
    const final = finalHandler.call(this, request, response, ...rest)
    const watched = watching(final, request, response)
    // Defining properties is slow, and this runs once a request.
    return watched.name === final.name && watched.length === final.length ? watched : inPlaceOf(final, watched)
  }
}

/** The function of finalhandler has one parameter and no name, too. */
function watching(final: Final, request: object, response: Response): Final {
  return function (this: unknown, error, ...rest) {
    if (error) {
      failParameters(request)
      recordFailure(request, error)
    } else if (response.headersSent !== true) {
      passParameters(request)
      leaveRoute(request)
    }
    return rest.length === 0 ? final.call(this, error) : Reflect.apply(final, this, [error, ...rest])
  }
}
