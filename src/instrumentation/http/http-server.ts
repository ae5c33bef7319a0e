import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type Attributes,
  type Histogram,
  type HrTime,
  type Meter,
  type ObservableUpDownCounter,
  type Span,
  SpanKind,
  SpanStatusCode,
} from '@opentelemetry/api'
import { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { ABORTED } from './aborted.ts'
import { load } from '../../base/chunks.ts'
import type { IsLeftOut } from '../../sampling/left-out.ts'
import { ActiveRequests } from './active-requests.ts'
import { AttributeSets } from '../attribute-sets.ts'
import { routeOfActive } from './route.ts'
import { countBodies, requestBodySize, responseBodySize } from './body-size.ts'

/** What is used of the instrumentation's inside (instrumentation-http 0.300, http.ts; the version is inlined). */
interface Upstream {
  readonly meter: Meter
  readonly _spanNotEnded: WeakSet<Span>
  readonly _headerCapture: {
    readonly server: { captureResponseHeaders(header: (name: string) => unknown): Attributes }
  }
  getConfig(): HttpConfig
  init(): readonly ModuleDefinition[]
  _updateMetricInstruments(): void
  _startHttpSpan(name: string, options: { kind: SpanKind; attributes: Attributes }, ...rest: unknown[]): Span
  _closeHttpSpan(span: Span, kind: SpanKind, startTime: HrTime, attributes: Attributes): void
  _onServerResponseError(
    span: Span,
    attributes: Attributes,
    startTime: HrTime,
    error: Failure,
    response: ServerResponse,
  ): void
  _incomingRequestFunction(component: 'http' | 'https', original: Emit): Emit
}

/** `emit` of a server. */
export type Emit = (this: unknown, event: string, ...args: unknown[]) => unknown

interface HttpConfig {
  /** Ours: measure bodies, the default. */
  readonly bodySizes?: boolean
  /** Ours: requests that are traced alone. */
  readonly isUnmeasured?: IsLeftOut
  /** Ours: whether another instrumentation has a package to watch in this process. */
  readonly isActive?: (instrumentation: string) => boolean
  readonly disableIncomingRequestInstrumentation?: boolean
  readonly applyCustomAttributesOnSpan?: (span: Span, request: IncomingMessage, response: ServerResponse) => void
}

interface ModuleDefinition {
  readonly name: string
  patch?: ((exports: never, ...rest: never[]) => unknown) | undefined
}

const Base: new (config?: object) => Upstream = HttpInstrumentation as unknown as new (config?: object) => Upstream

/** Semantic conventions give no boundaries for sizes: in bytes, from a short answer to a large upload. */
const SIZE_BOUNDARIES = [0, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216]

/**
 * The `http` instrumentation, with what the semantic conventions know beyond it (http/http-metrics): requests that are
 * being served, the sizes of bodies, and a request that the client gave up told from one that was answered.
 */
export class MeasuringHttpInstrumentation extends Base {
  // Set by the base class's constructor through _updateMetricInstruments, which an initialiser here would undo.
  declare private active: ActiveRequests
  declare private activeCounter: ObservableUpDownCounter
  declare private requestSizes: Histogram
  declare private responseSizes: Histogram
  declare private sets: AttributeSets
  declare private unmeasured: WeakSet<Span> | undefined

  override _updateMetricInstruments(): void {
    super._updateMetricInstruments()
    this.sets ??= new AttributeSets()
    this.active ??= new ActiveRequests()
    this.activeCounter?.removeCallback(this.active.observe)
    this.activeCounter = this.meter.createObservableUpDownCounter('http.server.active_requests', {
      unit: '{request}',
      description: 'Number of active HTTP server requests.',
    })
    this.activeCounter.addCallback(this.active.observe)
    const sizes = (of: string): Histogram =>
      this.meter.createHistogram(`http.server.${of}.body.size`, {
        unit: 'By',
        description: `Size of HTTP server ${of} bodies.`,
        advice: { explicitBucketBoundaries: SIZE_BOUNDARIES },
      })
    this.requestSizes = sizes('request')
    this.responseSizes = sizes('response')
  }

  override init(): readonly ModuleDefinition[] {
    const definitions = super.init()
    for (const definition of definitions) {
      const { patch } = definition
      if (definition.name !== 'http' || patch === undefined) continue
      definition.patch = (exports, ...rest) => {
        const { bodySizes, disableIncomingRequestInstrumentation } = this.getConfig()
        if (bodySizes !== false && disableIncomingRequestInstrumentation !== true) countBodies(exports)
        return patch(exports, ...rest)
      }
    }
    return [
      ...definitions,
      new InstrumentationNodeModuleDefinition('http2', ['*'], (exports) => this.patchHttp2(exports)),
    ]
  }

  private patchHttp2(exports: object): object {
    const { bodySizes, disableIncomingRequestInstrumentation, isActive } = this.getConfig()
    if (disableIncomingRequestInstrumentation === true) return exports
    return load<typeof import('./http2-server.ts')>('http2-server').patchServers(exports, {
      countsBodies: bodySizes !== false,
      isGrpcWatched: () => isActive?.('grpc') === true,
      watched: (component, emit) => this._incomingRequestFunction(component, emit),
    })
  }

  override _startHttpSpan(...args: Parameters<Upstream['_startHttpSpan']>): Span {
    const [, { kind, attributes }] = args
    if (this.getConfig().isUnmeasured?.(kind, attributes) === true) {
      const span = super._startHttpSpan(...args)
      this.unmeasured = (this.unmeasured ?? new WeakSet()).add(span)
      return span
    }
    if (kind === SpanKind.SERVER) this.active.add(1, attributes)
    return super._startHttpSpan(...args)
  }

  override _closeHttpSpan(span: Span, kind: SpanKind, startTime: HrTime, attributes: Attributes): void {
    if (!this._spanNotEnded.has(span)) return
    if (this.unmeasured?.has(span) === true) {
      this._spanNotEnded.delete(span)
      span.end()
      return
    }
    if (kind === SpanKind.SERVER) this.active.add(-1, attributes)
    super._closeHttpSpan(span, kind, startTime, attributes)
  }

  /** Called when the response closes, complete or not. */
  _onServerResponseFinish(
    request: IncomingMessage,
    response: ServerResponse,
    span: Span,
    attributes: Attributes,
    startTime: HrTime,
  ): void {
    const isComplete = response.writableFinished
    const status = isComplete || response.headersSent ? response.statusCode : undefined
    const outcome = outcomeOf(status, isComplete ? undefined : (response.errored ?? CLIENT_GONE))
    span.setAttributes(this._headerCapture.server.captureResponseHeaders((name) => response.getHeader(name)))
    span.setAttributes(outcome)
    if (outcome['error.type'] !== undefined) {
      const message = 'the connection closed before the response was complete'
      span.setStatus(isComplete ? { code: SpanStatusCode.ERROR } : { code: SpanStatusCode.ERROR, message })
    }
    const route = outcome['http.route']
    if (route) span.updateName(`${request.method ?? 'GET'} ${String(route)}`)
    try {
      this.getConfig().applyCustomAttributesOnSpan?.(span, request, response)
    } catch {
      // A hook that fails costs its own attributes.
    }
    const final = this.finalAttributes(Object.assign(attributes, outcome))
    const isMeasured =
      this._spanNotEnded.has(span) && this.getConfig().bodySizes !== false && this.unmeasured?.has(span) !== true
    this._closeHttpSpan(span, SpanKind.SERVER, startTime, final)
    if (!isMeasured) return
    this.requestSizes.record(requestBodySize(request), final)
    this.responseSizes.record(responseBodySize(request, response), final)
  }

  /** Called when the response emits an error, and with what the handler throws. A status counts when it was sent; none is made up. */
  override _onServerResponseError(
    span: Span,
    attributes: Attributes,
    startTime: HrTime,
    error: Failure,
    response: ServerResponse,
  ): void {
    span.recordException(error)
    const outcome = outcomeOf(response.headersSent ? response.statusCode : undefined, error)
    span.setAttributes(outcome)
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
    this._closeHttpSpan(span, SpanKind.SERVER, startTime, this.finalAttributes(Object.assign(attributes, outcome)))
  }

  /** The same object for the same request outcome: three metrics share it, and the SDK finds their series at once. */
  private finalAttributes(attributes: Attributes): Attributes {
    const { sets } = this
    let key = ''
    for (const name of KEYS) key += `${String(attributes[name])}\n`
    return sets.get(key, () => attributes)
  }
}

type Failure = Error & { readonly code?: string }

/** The client is gone, in the words of what notices it. */
const CONNECTION_LOST: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_HTTP2_SESSION_ERROR',
])
const CLIENT_GONE: Failure = Object.assign(new Error(), { code: 'ECONNRESET' })

const KEYS = [
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'error.type',
  'url.scheme',
  'network.protocol.version',
]

/** `error`: why the response is not complete. */
function outcomeOf(status: number | undefined, error: NodeJS.ErrnoException | undefined): Attributes {
  const route = routeOfActive(status)
  const outcome: Attributes = route === undefined ? {} : { 'http.route': route }
  if (status !== undefined) outcome['http.response.status_code'] = status
  if (status !== undefined && status >= 500) outcome['error.type'] = String(status)
  else if (error !== undefined) outcome['error.type'] = CONNECTION_LOST.has(error.code) ? ABORTED : typeOf(error)
  return outcome
}

/** Anything can be thrown. */
function typeOf({ code, name }: { readonly code?: unknown; readonly name?: unknown }): string {
  return [code, name].find((each) => typeof each === 'string') ?? '_OTHER'
}
