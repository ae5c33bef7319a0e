import { GRPC_STATUS_NAMES } from '../../base/grpc-status-names.ts'

/** Semantic conventions, rpc/grpc: what is an error of the server; the others are answers to what the client asked. */
export const SERVER_ERRORS: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
])

/** A number that no specification names is as it is: apps may send any. */
export function nameOfStatus(code: unknown): string {
  return GRPC_STATUS_NAMES[Number(code)] ?? String(Number(code))
}
