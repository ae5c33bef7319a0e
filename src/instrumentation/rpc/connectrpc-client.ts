import { context, type Context } from '@opentelemetry/api'
import { carriedByHttp } from '../carried-by-http.ts'
import { passingOn } from '../frameworks/passing-on.ts'
import { attempt } from './attempt.ts'
import { calledCodeOf, statusOf, rpcSystemOf } from './connectrpc-status.ts'
import type { RpcCall, RpcCalls, RpcSystem } from './rpc-calls.ts'

interface Request {
  readonly service: { readonly typeName: string }
  readonly method: { readonly name: string }
  readonly url: string
  readonly header: Headers
  readonly message: unknown
  readonly signal?: AbortSignal
}

/** The argument that every transport passes for each call, whichever protocol and HTTP client it uses. */
interface Options {
  readonly req: Request
  /** The signal that the app passed. */
  readonly signal?: AbortSignal
  /** Sends the request. The interceptors of the app run before. */
  readonly next: (this: unknown, request: Request) => Promise<unknown>
}

export type RunCall = (this: unknown, options: Options) => Promise<unknown>

/** Traces and measures calls. `isStreaming` is whether the response is a stream of messages. */
export function tracingRuns(run: RunCall, calls: RpcCalls, isStreaming: boolean): RunCall {
  return function (this: unknown, options) {
    const caller = context.active()
    const system = rpcSystemOf(options.req.header)
    const rpc = attempt(() => beginCall(calls, options.req, system, caller))
    if (rpc === undefined) return run.call(this, options)
    const call = new CallInProgress(rpc, system, caller, options.signal, isStreaming)
    const result = context.with(rpc.context, () => run.call(this, call.watched(options)))
    return passingOn(
      result,
      () => call.answered(),
      (error) => call.failed(error),
    )
  }
}

function beginCall(calls: RpcCalls, { service, method, url }: Request, system: RpcSystem, caller: Context): RpcCall {
  const { hostname, port, protocol } = new URL(url)
  const server = {
    address: hostname.replaceAll(/[[\]]/g, ''),
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  }
  return calls.begin({ system, method: `${service.typeName}/${method.name}`, server }, caller)
}

class CallInProgress {
  readonly #rpc: RpcCall
  readonly #system: RpcSystem
  readonly #caller: Context
  readonly #signalOfApp: AbortSignal | undefined
  readonly #isStreaming: boolean
  #isSent = false

  constructor(
    rpc: RpcCall,
    system: RpcSystem,
    caller: Context,
    signalOfApp: AbortSignal | undefined,
    isStreaming: boolean,
  ) {
    this.#rpc = rpc
    this.#system = system
    this.#caller = caller
    this.#signalOfApp = signalOfApp
    this.#isStreaming = isStreaming
  }

  /** Returns options with which only the HTTP request itself is carried by the call, not what interceptors and message iterators of the app do. */
  watched(options: Options): Options {
    const { next, req } = options
    const sending: Options['next'] = (request) => {
      this.#isSent = true
      if (this.#isStreaming)
        request.signal?.addEventListener('abort', () => this.#aborted(request.signal), { once: true })
      return context.with(carriedByHttp(context.active()), () => next(request))
    }
    const message = this.#isStreaming ? iteratedIn(this.#caller, req.message as AsyncIterable<unknown>) : req.message
    return { ...options, next: sending, req: { ...req, message } }
  }

  /** Ends the call with its response. A request stream continues until Connect aborts its signal. */
  answered(): void {
    if (!this.#isStreaming || !this.#isSent) this.#end(0)
  }

  failed(error: unknown): void {
    this.#end(calledCodeOf(error), (error as { readonly rawMessage?: string }).rawMessage)
  }

  /** Connect aborts the signal of a stream with its error, with the reason of the app's signal, or without one when the stream is complete. */
  #aborted(signal: AbortSignal | undefined): void {
    const reason: unknown = signal?.reason
    if ((reason as Error | undefined)?.name === 'ConnectError') this.failed(reason)
    else this.#end(this.#signalOfApp?.aborted === true ? CANCELLED : 0)
  }

  #end(code: number, message?: string): void {
    this.#rpc.end({ status: statusOf(this.#system, code), isError: code !== 0, message })
  }
}

const CANCELLED = 1

/** Returns the messages of the app, produced in the context that the app made the call in. */
function iteratedIn<Message>(caller: Context, messages: AsyncIterable<Message>): AsyncIterable<Message> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = context.with(caller, () => messages[Symbol.asyncIterator]())
      const bound: AsyncIterator<Message> = {
        next: (...args) => context.with(caller, () => iterator.next(...args)),
      }
      for (const name of ['throw', 'return'] as const) {
        if (iterator[name] !== undefined)
          bound[name] = (value) =>
            context.with(caller, () => (iterator[name] as NonNullable<typeof bound.throw>)(value))
      }
      return bound
    },
  }
}
