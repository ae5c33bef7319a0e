import { context } from '@opentelemetry/api'
import { servedOf } from '../http/route.ts'
import { ServerRequest } from '../http/server-request.ts'
import { stampOf } from '../http/stamp.ts'
import { mountOf } from './mounts.ts'
import { nameUnlessNamed } from './name-at-end.ts'
import { joinTemplates } from './templates.ts'

/**
 * Names requests that a function of `router.param()` answers or fails. Such a function is called, maybe asynchronously,
 * when a route has matched and before the route is dispatched, so that none of the route's handlers runs.
 */

interface Request {
  readonly url?: string
  readonly baseUrl?: string
  /** The last route that matched, set before the functions are called. */
  readonly route?: unknown
  /** The `next` of the innermost router that handles the request. */
  readonly next?: unknown
}

/** The innermost router with such functions that the request has entered. */
interface Place {
  readonly next: unknown
  /** The template of the mounts around the router. */
  readonly mount: string
  /** The path inside the router. */
  readonly path: string
  /** The last route that was dispatched, or that matched before the request came here. */
  passed: unknown
  /** Whether the request has failed. */
  hasFailed: boolean
  /** The router that the request was in before, if it has left it with a route that was not dispatched. */
  before: Place | undefined
}

/** Returns the template of a route for the path that it matched; undefined for a route that is not known. */
type TemplateOfRoute = (route: unknown, path: string) => string | undefined

/** On the request itself, which they refer to: a `WeakMap` would keep it for longer. */
const places = stampOf<Place>()
const requests = stampOf<Request & object>()

/** A router with functions of `router.param()` is about to compare the path of the request with that of a layer. */
export function enterParameters(request: Request & object, path: string, templateOf: TemplateOfRoute): void {
  const place = places.of(request)
  if (place !== undefined && place.next === request.next) return
  const { next, route: passed } = request
  const before = place === undefined || place.passed === passed ? undefined : place
  if (place === undefined) {
    const served = servedOf(request)
    if (served === undefined) return
    requests.set(served, request)
    nameUnlessNamed(request, () => nameOf(request, templateOf))
  }
  places.set(request, { next, mount: mountOf(request), path, passed, hasFailed: false, before })
}

/** The request is passed on: the last route that matched does not answer it. */
export function passParameters(request: Request): void {
  const place = places.of(request)
  if (place === undefined) return
  place.passed = request.route
  place.before = undefined
}

/** An error of the request is about to be handled. */
export function failParameters(request: object): void {
  const place = places.of(request)
  if (place !== undefined) place.hasFailed = true
}

/** Returns the active request, if it has entered such a router. */
export function requestInParameters(): (Request & object) | undefined {
  const served = ServerRequest.active(context.active())
  return served === undefined ? undefined : requests.of(served)
}

function nameOf(request: Request, templateOf: TemplateOfRoute): string | undefined {
  const last = places.of(request) as Place
  const { hasFailed, before } = last
  if (request.route !== last.passed) {
    const isLeft = request.next !== last.next
    return isLeft && !hasFailed ? undefined : nameIn(last, request.route, templateOf)
  }
  return before !== undefined && hasFailed ? nameIn(before, last.passed, templateOf) : undefined
}

function nameIn({ mount, path }: Place, route: unknown, templateOf: TemplateOfRoute): string | undefined {
  const template = templateOf(route, path)
  return template === undefined ? undefined : joinTemplates(mount, template)
}
