import { context, type Span } from '@opentelemetry/api'
import { type HeaderAccess, OutgoingPropagation } from '../http/propagation.ts'
import { attempt } from './attempt.ts'
import { nameOfStatus } from './grpc-errors.ts'
import type { RpcCalls } from './rpc-calls.ts'

export interface Metadata {
  get(name: string): readonly unknown[]
  set(name: string, value: string): void
  remove(name: string): void
  clone(): Metadata
}

interface Status {
  readonly code: number
  readonly details?: string
}

interface Listener {
  onReceiveMetadata?(metadata: Metadata): void
  onReceiveMessage?(message: unknown): void
  onReceiveStatus?(status: Status): void
}

interface Call {
  start(metadata: Metadata, listener?: Listener): void
}

/**
 * grpc-js creates every client call with this function. The arguments are interceptors, method, options and channel.
 */
export type GetInterceptingCall = (
  interceptors: unknown,
  method: { readonly path: string },
  options: unknown,
  channel: { getTarget(): string },
) => Call

export interface ClientHooks {
  readonly calls: RpcCalls
  readonly isIgnored: (path: string) => boolean
  readonly onRequest: (span: Span, metadata: Metadata) => void
  readonly onResponse: (span: Span, metadata: Metadata) => void
}

const METADATA: HeaderAccess<Metadata> = {
  get: (metadata, name) => metadata.get(name)[0],
  set: (metadata, name, value) => metadata.set(name, value),
  remove: (metadata, name) => metadata.remove(name),
}

/**
 * Traces and measures client calls, from the start to the status, whether it comes from the server, a deadline or a
 * cancellation.
 */
export function tracingCalls(original: GetInterceptingCall, hooks: ClientHooks): GetInterceptingCall {
  const propagation = new OutgoingPropagation(METADATA)
  return function (interceptors, method, options, channel) {
    const call = original(interceptors, method, options, channel)
    if (hooks.isIgnored(method.path)) return call
    const { start } = call
    call.start = (metadata, listener) => {
      const caller = context.active()
      // The app may reuse its metadata for the next call.
      const sent = metadata.clone()
      const rpc = attempt(() => {
        const server = serverOf(channel)
        const beginning = { system: 'grpc', method: method.path.replace(/^\//, ''), ...(server && { server }) } as const
        const begun = hooks.calls.begin(beginning, propagation.parentOf(caller, metadata))
        hooks.onRequest(begun.span, metadata)
        propagation.inject(begun.context, sent)
        return begun
      })
      if (rpc === undefined) {
        start.call(call, metadata, listener)
        return
      }
      const watched: Listener = {
        onReceiveMetadata(received) {
          hooks.onResponse(rpc.span, received)
          context.with(caller, () => listener?.onReceiveMetadata?.(received))
        },
        onReceiveMessage(message) {
          context.with(caller, () => listener?.onReceiveMessage?.(message))
        },
        onReceiveStatus(status) {
          const name = nameOfStatus(status.code)
          rpc.end({ status: name, isError: name !== 'OK', message: status.details })
          context.with(caller, () => listener?.onReceiveStatus?.(status))
        },
      }
      context.with(rpc.context, () => start.call(call, sent, watched))
    }
    return call
  }
}

/** Matches `dns:host:port`, `ipv4:…`, `unix:/path`, or a target without a scheme. */
const TARGET = /^(?:(?:dns|ipv4|ipv6|xds):(?:\/\/[^/]*\/)?)?(?<address>\[[^\]]*\]|[^,:/]+)(?::(?<port>\d+))?$/

function serverOf(channel: { getTarget(): string }): { address: string; port: number | undefined } | undefined {
  const target = channel.getTarget()
  if (target.startsWith('unix:')) return { address: target.slice('unix:'.length), port: undefined }
  const { address, port } = TARGET.exec(target)?.groups ?? {}
  if (address === undefined) return undefined
  return { address: address.replaceAll(/[[\]]/g, ''), port: port === undefined ? undefined : Number(port) }
}
