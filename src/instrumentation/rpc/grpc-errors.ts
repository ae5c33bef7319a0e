import { GRPC_STATUS_NAMES } from '../../base/grpc-status-names.ts'

/**
 * The statuses that are errors of the server; the others are responses to the client's request. Semantic conventions,
 * rpc/grpc.
 */
export const SERVER_ERRORS: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
])

/** Returns an unknown number unchanged, because apps may send any. */
export function nameOfStatus(code: unknown): string {
  return GRPC_STATUS_NAMES[Number(code)] ?? String(Number(code))
}
