import { context, createContextKey } from '@opentelemetry/api'
import { inPlaceOf } from '../frameworks/replace-method.ts'
import { joinTemplates } from '../frameworks/templates.ts'
import { mountAround, nameActiveRoute } from '../http/route.ts'
import { ServerRequest } from '../http/server-request.ts'
import { isCarriedByHttp, notCarriedByHttp } from '../carried-by-http.ts'
import { servedCodeOf, statusOf, rpcSystemOf } from './connectrpc-status.ts'
import { nameOfStatus, SERVER_ERRORS } from './grpc-errors.ts'
import type { RpcCall, RpcCalls, RpcSystem } from './rpc-calls.ts'

interface UniversalRequest {
  readonly header: Headers
}

interface UniversalResponse {
  readonly status: number
  readonly body?: unknown
  readonly trailer?: Headers
}

/** Serves one method, independent of the framework it is mounted in. */
export type UniversalHandler = ((this: unknown, request: UniversalRequest) => Promise<UniversalResponse>) & {
  readonly method: { readonly name: string }
  readonly service: { readonly typeName: string }
  /** `/shop.Shop/Get` */
  readonly requestPath: string
}

interface Response {
  readonly stream: boolean
  readonly message: unknown
}

interface Request {
  /** Aborted when the client disconnects, and when the deadline of the call expires. */
  readonly signal?: AbortSignal
}

type Next = (request: Request) => Promise<Response>
export type Interceptor = (next: Next) => Next

/** The state of a call until it ends. */
interface ServedCall {
  code?: number
  signal?: AbortSignal | undefined
}

const SERVED_CALL: symbol = createContextKey('@paxx/obs connectrpc call')
const CANCELLED = 1
const DEADLINE_EXCEEDED = 4
const INTERNAL = 13

/** Records the code with which the implementation of a method fails; in the response, it is in the body. */
export const recordErrors: Interceptor = (next) => async (request) => {
  const servedCall = context.active().getValue(SERVED_CALL) as ServedCall | undefined
  if (servedCall === undefined) return await next(request)
  servedCall.signal = request.signal
  try {
    const response = await next(request)
    if (!response.stream) return response
    return {
      ...response,
      message: watched(response.message as AsyncIterable<unknown>, (error) => recordError(servedCall, error)),
    }
  } catch (error) {
    recordError(servedCall, error)
    throw error
  }
}

function recordError(servedCall: ServedCall, error: unknown): void {
  // An error that is thrown because the client disconnected is not a failure of the method.
  if (servedCall.signal?.aborted === true && !isExpired(servedCall)) return
  servedCall.code = servedCodeOf(error)
  const served = ServerRequest.active(context.active())
  if (served !== undefined && SERVER_ERRORS.has(nameOfStatus(servedCall.code))) served.recordException(error)
}

/** `onEnd` is called at the end, with the error if there is one. */
async function* watched<T>(iterable: AsyncIterable<T>, onError: (error: unknown) => void, onEnd?: () => void) {
  try {
    yield* iterable
  } catch (error) {
    onError(error)
    throw error
  } finally {
    onEnd?.()
  }
}

/**
 * Wraps the handler so that each request it serves is a call. `pathPrefix` is the path that the adapter is configured to
 * serve methods below.
 */
export function serving(handler: UniversalHandler, calls: RpcCalls, pathPrefix: string): UniversalHandler {
  const { method, service, requestPath } = handler
  const path = joinTemplates(pathPrefix, requestPath)
  const name = `${service.typeName}/${method.name}`
  const tracing = inPlaceOf(handler, async function (this: unknown, request: UniversalRequest) {
    const active = context.active()
    // `createRouterTransport` calls the handler within the client's call, without a request over HTTP.
    if (isCarriedByHttp(active)) return await context.with(notCarriedByHttp(active), handler, this, request)
    const served = ServerRequest.active(active)
    if (served === undefined) return await handler.call(this, request)
    const mount = mountAround()
    // Adapters match the path inside the mounts of the router around them.
    if (served.route === undefined || served.route === mount) nameActiveRoute(joinTemplates(mount, path))
    const system = rpcSystemOf(request.header)
    const call = calls.beginWithin({ system, method: name }, served.span, active)
    const servedCall: ServedCall = {}
    // The request ends before the call does when the client disconnects.
    served.beforeEnd = () => endCall(call, served, system, isExpired(servedCall) ? DEADLINE_EXCEEDED : CANCELLED)
    const response = await context.with(active.setValue(SERVED_CALL, servedCall), handler, this, request)
    const end = (): void => endCall(call, served, system, codeOf(servedCall, response))
    if (!isStream(response.body)) {
      end()
      return response
    }
    return { ...response, body: watched(response.body, () => {}, end) }
  } as UniversalHandler)
  return Object.assign(tracing, handler)
}

function isStream(body: unknown): body is AsyncIterable<unknown> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

function isExpired({ signal }: ServedCall): boolean {
  return signal?.aborted === true && servedCodeOf(signal.reason) === DEADLINE_EXCEEDED
}

/** The codes that Connect reports by HTTP status alone: https://connectrpc.com/docs/protocol/#error-codes. */
const CODES: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  409: 10,
  429: 8,
  499: 1,
  501: 12,
  503: 14,
  504: 4,
}

function codeOf({ code }: ServedCall, { status, trailer }: UniversalResponse): number {
  if (code !== undefined) return code
  const grpcStatus = trailer?.get('grpc-status')
  if (grpcStatus) return Number(grpcStatus)
  return status < 400 ? 0 : (CODES[status] ?? INTERNAL)
}

function endCall(call: RpcCall, served: ServerRequest, system: RpcSystem, code: number): void {
  if (call.hasEnded) return
  const isError = SERVER_ERRORS.has(nameOfStatus(code))
  const status = statusOf(system, code)
  if (isError) served.failedAs = status
  call.end({ status, isError })
}
