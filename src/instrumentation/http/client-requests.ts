import type { Agent, ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { listen } from '../guarded-channel.ts'
import { observeReads } from '../observed-reads.ts'
import type { headerCapture } from './captured-headers.ts'
import { CallOf } from './call-of.ts'
import type { ClientCall } from './client-call.ts'
import type { ClientCalls } from './client-calls.ts'
import { connectionPort, targetOfRequest } from './client-request-target.ts'
import { type HeaderAccess, OutgoingPropagation } from './propagation.ts'

type HeaderCapture = ReturnType<typeof headerCapture>

/** Internal fields of a request. */
interface Request extends ClientRequest {
  readonly _closed?: boolean
  readonly upgradeOrConnect?: boolean
  readonly res?: IncomingMessage | null
  readonly agent: Agent
}

interface Http {
  readonly ClientRequest: { readonly prototype: object }
  readonly IncomingMessage: { readonly prototype: object }
}

const REQUEST_HEADERS: HeaderAccess<ClientRequest> = {
  get: (request, name) => request.getHeader(name),
  set: (request, name, value) => void request.setHeader(name, value),
  remove: (request, name) => request.removeHeader(name),
}

/**
 * Traces and measures requests of `node:http` and `node:https` through Node's diagnostics channels. No function is
 * replaced, no listener is added and no argument is changed.
 * The channels do not report when a response is complete and when a request is over, but Node's own code looks up
 * `push` of a response that is complete, and `emit` of a request that it has marked as closed.
 */
export class ClientRequests {
  readonly #calls: ClientCalls
  readonly #captureRequest: HeaderCapture
  readonly #captureResponse: HeaderCapture
  readonly #propagation = new OutgoingPropagation(REQUEST_HEADERS)

  constructor(calls: ClientCalls, captureRequest: HeaderCapture, captureResponse: HeaderCapture) {
    this.#calls = calls
    this.#captureRequest = captureRequest
    this.#captureResponse = captureResponse
  }

  watch({ ClientRequest: { prototype: requests }, IncomingMessage: { prototype: responses } }: Http): void {
    listen<{ request: Request }>('http.client.request.created', ({ request }) => this.#created(request))
    // Despite its name, this channel is published when the response headers have arrived.
    listen<{ request: Request; response: IncomingMessage }>('http.client.response.finish', ({ request, response }) =>
      this.#responded(request, response),
    )
    listen<{ request: Request; error: unknown }>('http.client.request.error', ({ request, error }) => {
      failed(request, error)
    })
    observeReads<IncomingMessage>(responses, 'push', (response) => {
      if (response.complete) CallOf.of(response)?.end()
    })
    observeReads<Request>(
      requests,
      'emit',
      (request) => {
        if (request._closed === true || request.upgradeOrConnect === true) closed(request)
      },
      (request) => {
        if (CallOf.of(request) !== undefined) request.once('close', () => closed(request))
      },
    )
  }

  #created(request: Request): void {
    const outgoing = {
      method: request.method,
      target: targetOfRequest(request),
      userAgent: request.getHeader('user-agent'),
    }
    // Headers passed as an array, or with `expect: 100-continue`, are already written.
    const takesHeaders = !request.headersSent
    const call = this.#calls.start(outgoing, this.#propagation, request, takesHeaders)
    if (call !== undefined) CallOf.set(request, call)
  }

  #responded(request: Request, response: IncomingMessage): void {
    const call = CallOf.of(request)
    if (call === undefined) return
    CallOf.set(response, call)
    answered(call, request, response)
    if (this.#captureRequest === undefined && this.#captureResponse === undefined) return
    const { captured } = call
    if (captured === undefined) return
    this.#captureRequest?.((name) => request.getHeader(name), captured)
    this.#captureResponse?.((name) => response.headers[name], captured)
  }
}

function answered(call: ClientCall, request: Request, { statusCode, httpVersion }: IncomingMessage): void {
  const socket: Socket | null | undefined = request.socket
  call.status = statusCode
  call.connected(socket ?? {}, httpVersion)
  const port = connectionPort(request, call.target, socket?.remotePort)
  if (port !== undefined) call.redirect(targetOfRequest(request, port))
}

function failed(request: Request, error: unknown): void {
  const call = CallOf.of(request)
  // A server may respond and close before it has read the whole request.
  if (call === undefined || call.hasEnded || request.res?.complete === true) return
  const port = connectionPort(request, call.target, (error as { readonly port?: unknown } | undefined)?.port)
  if (port !== undefined) call.redirect(targetOfRequest(request, port))
  call.fail(request.aborted ? ABORTED : error)
}

/** Ends the call of a request that is over for any reason, or whose connection now speaks another protocol. */
function closed(request: Request): void {
  const call = CallOf.of(request)
  if (call === undefined || call.hasEnded) return
  const response = request.res
  if (response && call.status === undefined) answered(call, request, response)
  if (response?.complete === true) call.end()
  else if (request.aborted) call.fail(ABORTED)
  // If the app destroys the response without an error, it needs no more of it.
  else if (response && !response.errored) call.end()
  else call.fail(response?.errored ?? request.errored ?? CLOSED)
}

/** The error that is recorded after `request.abort()`, which causes no error, or that of a lost connection. */
const ABORTED = { name: 'AbortError', message: 'The request was aborted' }
const CLOSED = { name: 'Error', code: 'ECONNRESET', message: 'socket hang up' }
