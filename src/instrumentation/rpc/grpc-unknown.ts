import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { propagation, ROOT_CONTEXT } from '@opentelemetry/api'
import { replaceMethod } from '../frameworks/replace-method.ts'
import { attempt } from './attempt.ts'
import { connectionAttributesOf, endServed } from './grpc-server-calls.ts'
import type { RpcCalls } from './rpc-calls.ts'

/** The internals of grpc-js's `Server` that are used here. */
export interface ServerPrototype {
  _retrieveHandler(path: string): unknown
}

type Handle = (this: unknown, ...args: unknown[]) => unknown
type Retrieve = (this: unknown, path: string) => unknown

interface Incoming {
  readonly stream: ServerHttp2Stream
  readonly headers: IncomingHttpHeaders
}

const UNIMPLEMENTED = 12
const MAX_CHARS = 256

/** Traces calls of methods that the server does not have. grpc-js rejects them before it creates a call. */
export function tracingUnknown(prototype: ServerPrototype, calls: RpcCalls): void {
  let incoming: Incoming | undefined
  const handling = (handle: Handle): Handle =>
    function (this: unknown, ...args) {
      // In versions that have them, the interceptors of a port come before the stream.
      const at = Array.isArray(args[0]) ? 1 : 0
      incoming = { stream: args[at] as ServerHttp2Stream, headers: args[at + 1] as IncomingHttpHeaders }
      try {
        return handle.apply(this, args)
      } finally {
        incoming = undefined
      }
    }
  for (const name of ['_channelzHandler', '_streamHandler']) replaceMethod<Handle>(prototype, name, handling)
  replaceMethod<Retrieve>(prototype, '_retrieveHandler', (retrieve) => {
    return function (this: unknown, path) {
      const handler = retrieve.call(this, path)
      if (!handler && incoming !== undefined) attempt(() => refused(calls, path, incoming as Incoming))
      return handler
    }
  })
}

function refused(calls: RpcCalls, path: string, { stream, headers }: Incoming): void {
  // The path is whatever the client sent.
  const [original = ''] = path.replace(/^\//, '').slice(0, MAX_CHARS).split('?', 1)
  const attributes = { ...connectionAttributesOf(stream, headers), 'rpc.method_original': original }
  const parent = propagation.extract(ROOT_CONTEXT, headers)
  const rpc = calls.begin({ system: 'grpc', method: '_OTHER', attributes }, parent)
  endServed(rpc, { code: UNIMPLEMENTED })
}
