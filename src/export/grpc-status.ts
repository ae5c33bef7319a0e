import { GRPC_STATUS_NAMES } from '../base/grpc-status-names.ts'

type StatusName = (typeof GRPC_STATUS_NAMES)[number]
export type FailureName = Exclude<StatusName, 'OK'>

/** Returns the name of a `grpc-status` code. Unknown codes become UNKNOWN, as the specification requires. */
export function statusNamed(code: string): StatusName {
  return (/^\d+$/.test(code) ? GRPC_STATUS_NAMES[Number(code)] : undefined) ?? 'UNKNOWN'
}

/**
 * Maps the HTTP status of a response that is not gRPC:
 * https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
 */
export function statusOfHttp(httpStatus: number): FailureName {
  switch (httpStatus) {
    case 400:
      return 'INTERNAL'
    case 401:
      return 'UNAUTHENTICATED'
    case 403:
      return 'PERMISSION_DENIED'
    case 404:
      return 'UNIMPLEMENTED'
    case 429:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE'
    default:
      return 'UNKNOWN'
  }
}

/** Codes of RST_STREAM that mean something to a call (RFC 9113, 7). */
export const RESET = {
  NO_ERROR: 0,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
} as const

/** Maps the code of a RST_STREAM: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors */
export function statusOfReset(code: number): FailureName {
  switch (code) {
    case RESET.REFUSED_STREAM:
      return 'UNAVAILABLE'
    case RESET.CANCEL:
      return 'CANCELLED'
    case RESET.ENHANCE_YOUR_CALM:
      return 'RESOURCE_EXHAUSTED'
    case RESET.INADEQUATE_SECURITY:
      return 'PERMISSION_DENIED'
    default:
      return 'INTERNAL'
  }
}

/** Decodes a `grpc-message`, which is percent-encoded UTF-8. Malformed escapes stay as they are. */
export function decodedMessage(text: string): string {
  const bytes = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
