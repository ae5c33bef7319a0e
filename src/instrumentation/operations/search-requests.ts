import { type Attributes, context, type Context, type Span, trace } from '@opentelemetry/api'
import { carriedByHttp } from '../carried-by-http.ts'
import { operationAttributes, spanNameOf } from './attributes.ts'
import { boundToCaller } from './caller.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'
import { likeOriginal, patchMethod } from './patch.ts'
import { searchPathOf } from './search-paths.ts'
import { shapeOf } from './shape.ts'

/** The parameters and outcome of a request, as the clients of Elasticsearch and OpenSearch provide them. */
interface Params {
  readonly method?: unknown
  readonly path?: unknown
  readonly body?: unknown
  /** Since Elasticsearch 8.10. */
  readonly meta?: { readonly name?: unknown; readonly pathParts?: Readonly<Record<string, unknown>> }
}

interface Result {
  readonly statusCode?: number | null
  readonly headers?: Readonly<Record<string, unknown>> | null
  readonly meta?: { readonly connection?: { readonly url?: URL | string } | null }
}

/** The requests whose body is a query. The bodies of other requests are documents. */
const QUERIES = /(?:^|[._])(?:search|msearch|count|query|explain|validate|termvectors|field_caps)\b|_by_query$/

/** One operation of a search engine, whose span describes the HTTP requests that carry it. */
export class SearchRequest {
  readonly span: Span
  /** The context in which the requests are sent. */
  readonly context: Context
  readonly #template: string

  constructor(system: string, params: Params, tracer: ClientTracer) {
    const { method, path, body, meta } = params
    const searchPath = searchPathOf(String(method), String(path))
    const operation = typeof meta?.name === 'string' ? meta.name : searchPath.operation
    const facts = {
      system,
      operation,
      collection: searchPath.index,
      statement: isObject(body) && QUERIES.test(operation) ? shapeOf(body, NOTHING) : undefined,
      more: { 'http.request.method': String(method) },
    }
    this.#template = searchPath.template
    this.span = tracer.start(spanNameOf(facts), operationAttributes(facts))
    this.context = carriedByHttp(trace.setSpan(context.active(), this.span))
  }

  end(result: Result | undefined): void {
    this.#answered(result)
    this.span.end()
  }

  fail(error: any, result: Result | undefined = error?.meta): void {
    this.#answered(result)
    const status = result?.statusCode
    endFailed(this.span, error, { statusCode: typeof status === 'number' && status > 0 ? String(status) : undefined })
  }

  #answered(result: Result | undefined): void {
    const given = result?.meta?.connection?.url
    // An error of Elasticsearch 9 contains a copy of the URL as text.
    const url = typeof given === 'string' ? URL.parse(given) : given
    const attributes: Attributes = {}
    const cluster = result?.headers?.['x-found-handling-cluster']
    if (typeof cluster === 'string') attributes['db.namespace'] = cluster
    if (url instanceof URL) {
      attributes['server.address'] = url.hostname
      attributes['server.port'] = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
      attributes['url.full'] = `${url.origin}${url.pathname.replace(/\/$/, '')}${this.#template}`
    }
    this.span.setAttributes(attributes)
  }
}

const NOTHING: ReadonlySet<string> = new Set()

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type Callback = (error: unknown, result: Result) => unknown

/**
 * Patches the transport of Elasticsearch 7 or OpenSearch. Its `request` takes a callback, or returns an object with the
 * methods of a promise. That object is replaced by a promise of ours, because a second promise next to it could be
 * rejected without a handler.
 */
export function patchCallbackTransport(system: string): (exports: any, tracer: ClientTracer) => unknown {
  return (exports, tracer) => {
    patchMethod(
      (exports.default ?? exports).prototype,
      'request',
      (original) =>
        function (params, options, callback) {
          if (!isObject(params)) return original.apply(this, arguments as never)
          const [given, asked] = typeof options === 'function' ? [{}, options] : [options, callback]
          const request = new SearchRequest(system, params, tracer)
          const send = (callback: Callback): any =>
            context.with(request.context, () => original.call(this, params, given, callback))
          try {
            if (typeof asked === 'function') return send(ending(request, boundToCaller(asked)))
            const [promise, settle] = settledBy()
            return promisedBy(send(ending(request, settle)), promise)
          } catch (thrown) {
            request.fail(thrown)
            throw thrown
          }
        },
    )
    return exports
  }
}

function ending(request: SearchRequest, callback: Callback): Callback {
  return function (this: unknown, error, result) {
    if (error) request.fail(error, result)
    else request.end(result)
    return callback.call(this, error, result)
  }
}

/** Returns a promise and the callback that settles it. */
function settledBy(): readonly [Promise<unknown>, Callback] {
  let settle: Callback | undefined
  const promise = new Promise((resolve, reject) => {
    settle = (error, result) => (error ? reject(error) : resolve(result))
  })
  return [promise, settle as unknown as Callback]
}

/**
 * In Elasticsearch 7.0, `request` returns a promise if it gets no callback, and nothing that could be one if it gets
 * one.
 */
function promisedBy(returned: any, promise: Promise<unknown>): unknown {
  if (typeof returned?.then !== 'function') return promise
  for (const name of ['then', 'catch', 'finally'] as const) {
    if (typeof returned?.[name] === 'function')
      returned[name] = likeOriginal(
        returned[name],
        () =>
          (...args) =>
            (promise[name] as (...given: unknown[]) => unknown)(...args),
      )
  }
  return returned
}

/**
 * Patches `@elastic/transport` of Elasticsearch 8 and 9. Its own spans, which have obsolete names, are switched off per
 * call.
 */
export function patchTransport(exports: any, tracer: ClientTracer): unknown {
  patchMethod(
    (exports.default ?? exports).prototype,
    'request',
    (original) =>
      function (params, options) {
        if (!isObject(params)) return original.apply(this, arguments as never)
        const request = new SearchRequest('elasticsearch', params, tracer)
        const withMeta = withoutSpans({ ...options, meta: true })
        return context
          .with(request.context, () => original.call(this, params, withMeta) as Promise<Result & { body: unknown }>)
          .then(
            (result) => {
              request.end(result)
              return options?.meta ? result : result.body
            },
            (error: unknown) => {
              request.fail(error)
              throw error
            },
          )
      },
  )
  return exports
}

/** A result contains the options of the request, which the app can read. */
function withoutSpans(options: { openTelemetry?: object }): object {
  const value = { ...options.openTelemetry, enabled: false }
  return Object.defineProperty(options, 'openTelemetry', { value, enumerable: false })
}
