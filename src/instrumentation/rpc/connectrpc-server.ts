import { context, createContextKey } from '@opentelemetry/api'
import { inPlaceOf } from '../frameworks/replace-method.ts'
import { nameActiveRoute } from '../http/route.ts'
import { ServerRequest } from '../http/server-request.ts'
import { nameOfStatus, SERVER_ERRORS } from './grpc-status.ts'
import type { RpcCall, RpcCalls } from './rpc-calls.ts'

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
}

interface Response {
  readonly stream: boolean
  readonly message: unknown
}

type Next = (request: unknown) => Promise<Response>
export type Interceptor = (next: Next) => Next

/** What is recorded of a call until it ends. */
interface Noted {
  code?: number
}

const NOTED: symbol = createContextKey('@paxx/obs connectrpc call')
const INTERNAL = 13

/** Records the code with which the implementation of a method fails; in the response, it is in the body. */
export const noting: Interceptor = (next) => async (request) => {
  const noted = context.active().getValue(NOTED) as Noted | undefined
  if (noted === undefined) return await next(request)
  try {
    const response = await next(request)
    if (!response.stream) return response
    return { ...response, message: watched(response.message as AsyncIterable<unknown>, (error) => note(noted, error)) }
  } catch (error) {
    note(noted, error)
    throw error
  }
}

function note(noted: Noted, error: unknown): void {
  const { name, code } = Object(error) as { readonly name?: unknown; readonly code?: unknown }
  noted.code = name === 'ConnectError' && typeof code === 'number' ? code : INTERNAL
  const served = ServerRequest.active(context.active())
  if (served !== undefined && SERVER_ERRORS.has(nameOfStatus(noted.code))) served.recordException(error)
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

/** Wraps the handler so that each request it serves is a call. */
export function serving(handler: UniversalHandler, calls: RpcCalls): UniversalHandler {
  const { method, service } = handler
  const name = `${service.typeName}/${method.name}`
  const tracing = inPlaceOf(handler, async function (this: unknown, request: UniversalRequest) {
    const active = context.active()
    const served = ServerRequest.active(active)
    if (served === undefined) return await handler.call(this, request)
    if (served.route === undefined) nameActiveRoute(served.url.split('?', 1)[0] ?? '')
    const system = request.header.get('content-type')?.startsWith('application/grpc') === true ? 'grpc' : 'connectrpc'
    const call = calls.beginWithin({ system, method: name }, served.span, active)
    const noted: Noted = {}
    const response = await context.with(active.setValue(NOTED, noted), handler, this, request)
    const end = (): void => endCall(call, served, system, codeOf(noted, response))
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

function codeOf({ code }: Noted, { status, trailer }: UniversalResponse): number {
  if (code !== undefined) return code
  const told = trailer?.get('grpc-status')
  if (told) return Number(told)
  return status < 400 ? 0 : (CODES[status] ?? INTERNAL)
}

/** Connect's code names are in lower case, and `canceled` has one l where gRPC has two. */
function endCall(call: RpcCall, served: ServerRequest, system: string, code: number): void {
  const name = nameOfStatus(code)
  const isError = SERVER_ERRORS.has(name)
  const status = system === 'grpc' ? name : name.toLowerCase().replace('cancelled', 'canceled')
  if (isError) served.failedAs = status
  call.end({ status, isError })
}
