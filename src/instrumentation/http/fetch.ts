import { type Meter, type MeterProvider, metrics, trace, type TracerProvider } from '@opentelemetry/api'
import { VERSION } from '../../base/version.ts'
import { listen } from '../guarded-channel.ts'
import { headerCapture } from './captured-headers.ts'
import { CallOf } from './call-of.ts'
import type { ClientCall } from './client-call.ts'
import { ClientCalls, type ClientOptions } from './client-calls.ts'
import { type Authority, defaultPortOf, targetOf } from './client-target.ts'
import { responseHeader, UNDICI_HEADERS, type UndiciRequest } from './fetch-headers.ts'
import { OutgoingPropagation } from './propagation.ts'

const SCOPE = '@opentelemetry/instrumentation-undici'

interface Config extends ClientOptions {
  readonly enabled?: boolean
  readonly requireParentforSpans?: boolean
  readonly headersToSpanAttributes?: {
    readonly requestHeaders?: readonly string[]
    readonly responseHeaders?: readonly string[]
  }
}

interface Created {
  readonly request: UndiciRequest
}

interface Sent extends Created {
  readonly socket: { remoteAddress?: string; remotePort?: number; alpnProtocol?: unknown }
}

interface Answered extends Created {
  readonly response: { readonly statusCode: number; readonly headers: unknown }
}

/**
 * The instrumentation `undici`: Node's built-in `fetch` and `WebSocket`, and every client of the package undici,
 * through undici's diagnostics channels.
 */
export class FetchInstrumentation {
  readonly #calls: ClientCalls
  readonly #propagation = new OutgoingPropagation(UNDICI_HEADERS)
  readonly #captureRequest: ReturnType<typeof headerCapture>
  readonly #captureResponse: ReturnType<typeof headerCapture>
  readonly #authorities = new Map<unknown, Authority>()

  constructor(config: Config = {}) {
    const { requestHeaders, responseHeaders } = config.headersToSpanAttributes ?? {}
    this.#captureRequest = headerCapture('request', requestHeaders)
    this.#captureResponse = headerCapture('response', responseHeaders)
    const options = { ...config, requiresParent: config.requireParentforSpans }
    this.#calls = new ClientCalls(options, trace.getTracer(SCOPE, VERSION), meterOf(metrics.getMeterProvider()), true)
    if (config.enabled !== false) this.#listen()
  }

  setTracerProvider(provider: TracerProvider): void {
    this.#calls.setTracer(provider.getTracer(SCOPE, VERSION))
  }

  setMeterProvider(provider: MeterProvider): void {
    this.#calls.setMeter(meterOf(provider))
  }

  /** Handles a message of `undici:request:create`. */
  onRequestCreated({ request }: Created): void {
    // A message may arrive twice: from the channel, and forwarded by a subscriber that received it before this one
    // existed.
    if (CallOf.of(request) !== undefined) return
    const { method, path } = request
    const outgoing = {
      method,
      target: targetOf(this.#authorityOf(request.origin), method, path),
      userAgent: UNDICI_HEADERS.get(request, 'user-agent'),
    }
    const call = this.#calls.start(outgoing, this.#propagation, request, true)
    if (call === undefined) return
    CallOf.set(request, call)
    if (this.#captureRequest !== undefined && call.captured !== undefined) {
      this.#captureRequest((name) => UNDICI_HEADERS.get(request, name), call.captured)
    }
    if (method === 'CONNECT' || request.upgrade) watchUpgrade(request, call)
  }

  #listen(): void {
    listen<Created>('undici:request:create', (message) => this.onRequestCreated(message))
    listen<Sent>('undici:client:sendHeaders', ({ request, socket }) => {
      CallOf.of(request)?.connected(socket, socket.alpnProtocol === 'h2' ? '2' : '1.1')
    })
    listen<Answered>('undici:request:headers', ({ request, response: { statusCode, headers } }) => {
      const call = CallOf.of(request)
      if (call === undefined) return
      call.status = statusCode
      if (this.#captureResponse === undefined || call.captured === undefined) return
      this.#captureResponse((name) => responseHeader(headers, name), call.captured)
    })
    listen<Created>('undici:request:trailers', ({ request }) => CallOf.of(request)?.end())
    listen<Created & { readonly error: unknown }>('undici:request:error', ({ request, error }) => {
      CallOf.of(request)?.fail(error)
    })
  }

  /** An app uses few origins repeatedly, and the URL parser is slow. */
  #authorityOf(origin: unknown): Authority {
    const known = this.#authorities.get(origin)
    if (known !== undefined) return known
    const { protocol, hostname, port } = new URL(String(origin))
    const scheme = protocol.slice(0, -1)
    const authority = { scheme, host: hostname, port: port === '' ? defaultPortOf(scheme) : Number(port) }
    if (this.#authorities.size < MAX_ORIGINS && typeof origin === 'string') this.#authorities.set(origin, authority)
    return authority
  }
}

const MAX_ORIGINS = 1000

function meterOf(provider: MeterProvider): Meter {
  return provider.getMeter(SCOPE, VERSION)
}

type Upgraded = (this: unknown, status: unknown, ...rest: unknown[]) => unknown

/**
 * No channel reports the response to an upgrade or a CONNECT: undici passes it to the request (`onRequestUpgrade` in
 * undici 8).
 */
function watchUpgrade(request: UndiciRequest, call: ClientCall): void {
  const methods = request as unknown as Record<string, Upgraded | undefined>
  for (const name of ['onUpgrade', 'onRequestUpgrade']) {
    const upgraded = methods[name]
    if (upgraded === undefined) continue
    methods[name] = function (status, ...rest) {
      if (typeof status === 'number') call.status = status
      call.end()
      return upgraded.call(this, status, ...rest)
    }
  }
}
