import { nameOfStatus } from './grpc-errors.ts'
import type { RpcSystem } from './rpc-calls.ts'

const UNKNOWN = 2
const INTERNAL = 13

/** Returns `rpc.system.name` of a request. gRPC-Web is `grpc`. */
export function rpcSystemOf(header: Headers): RpcSystem {
  return header.get('content-type')?.startsWith('application/grpc') === true ? 'grpc' : 'connectrpc'
}

/** Returns the code that a server answers with when an implementation throws `error`. */
export function servedCodeOf(error: unknown): number {
  return codeOf(error) ?? INTERNAL
}

/** Returns the code that a client's call fails with. Connect wraps every error in a `ConnectError`. */
export function calledCodeOf(error: unknown): number {
  return codeOf(error) ?? UNKNOWN
}

function codeOf(error: unknown): number | undefined {
  const { name, code } = Object(error) as { readonly name?: unknown; readonly code?: unknown }
  return name === 'ConnectError' && typeof code === 'number' ? code : undefined
}

/** Returns the name of a code. Connect's names are in lower case, and `canceled` has one l where gRPC has two. */
export function statusOf(system: RpcSystem, code: number): string {
  const name = nameOfStatus(code)
  return system === 'grpc' ? name : name.toLowerCase().replace('cancelled', 'canceled')
}
