import { type Attributes, type SpanStatus, SpanStatusCode } from '@opentelemetry/api'
import type { SpanEnding } from '../../sdk/deferred-span.ts'
import type { ExchangeOutcome } from './outcome.ts'

/**
 * The attributes that a request is measured with and that its span ends with. Requests that end alike share one object.
 */
export interface ServerEnding extends SpanEnding {
  /** The frozen attributes of the metric. */
  readonly metric: Attributes
}

export interface EndedRequest {
  readonly common: {
    readonly method: { readonly attribute: string; readonly name: string }
    readonly scheme: string
    readonly version: string
  }
  readonly route?: string | undefined
  readonly isRouteLeft: boolean
  readonly failedAs?: string | undefined
}

/** The limit of cached endings, which is the SDK's limit of series per metric. */
const MAX_ENDINGS = 2000
const NOT_WHOLE = 'the connection closed before the response was complete'

export class ServerEndings {
  readonly #byRoute = new Map<string | undefined, Map<string, ServerEnding>>()
  /** Complete requests over plain HTTP/1.1, by route, method and status: the lookup creates no string. */
  readonly #usual = new Map<string | undefined, Map<string, ServerEnding[]>>()
  #size = 0

  of(request: EndedRequest, outcome: ExchangeOutcome): ServerEnding {
    const { method, scheme, version } = request.common
    const route = request.isRouteLeft && outcome.status === 404 ? undefined : request.route
    if (outcome.failure !== undefined || request.failedAs !== undefined || version !== '1.1' || scheme !== 'http')
      return this.#any(request, route, outcome)
    const { status = 0 } = outcome
    const byStatus = this.#usual.get(route)?.get(method.attribute)
    const known = byStatus?.[status]
    if (known !== undefined) return known
    const ending = this.#any(request, route, outcome)
    if (byStatus !== undefined) byStatus[status] = ending
    else if (this.#usual.size < MAX_ENDINGS) {
      const byMethod = this.#usual.get(route) ?? new Map<string, ServerEnding[]>()
      this.#usual.set(route, byMethod.set(method.attribute, Object.assign([], { [status]: ending })))
    }
    return ending
  }

  #any(request: EndedRequest, route: string | undefined, outcome: ExchangeOutcome): ServerEnding {
    const { method, scheme, version } = request.common
    let byKey = this.#byRoute.get(route)
    if (byKey === undefined) {
      byKey = new Map()
      if (this.#size < MAX_ENDINGS) this.#byRoute.set(route, byKey)
    }
    const key = `${method.attribute} ${outcome.status ?? ''} ${version} ${scheme} ${outcome.failure ?? ''} ${request.failedAs ?? ''}`
    let ending = byKey.get(key)
    if (ending === undefined) {
      ending = endingOf(request, route, outcome)
      if (this.#size++ < MAX_ENDINGS) byKey.set(key, ending)
    }
    return ending
  }
}

function endingOf(
  { common: { method, scheme, version }, failedAs }: EndedRequest,
  route: string | undefined,
  { status, failure }: ExchangeOutcome,
): ServerEnding {
  const attributes: Attributes = {}
  if (status !== undefined) attributes['http.response.status_code'] = status
  if (route !== undefined) attributes['http.route'] = route
  const errorType = failedAs ?? (status !== undefined && status >= 500 ? String(status) : failure)
  if (errorType !== undefined) attributes['error.type'] = errorType
  const metric: Attributes = {
    'http.request.method': method.attribute,
    'url.scheme': scheme,
    'network.protocol.version': version,
    ...attributes,
  }
  return {
    name: route ? `${method.name} ${route}` : undefined,
    attributes,
    status: statusOf(errorType, failure),
    metric: Object.freeze(metric),
  }
}

function statusOf(errorType: string | undefined, failure: string | undefined): SpanStatus {
  if (errorType === undefined) return { code: SpanStatusCode.UNSET }
  return failure === undefined ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.ERROR, message: NOT_WHOLE }
}
