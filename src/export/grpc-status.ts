import { GRPC_STATUS_NAMES } from '../base/grpc-status-names.ts'

type StatusName = (typeof GRPC_STATUS_NAMES)[number]
export type FailureName = Exclude<StatusName, 'OK'>

/** The name of a `grpc-status`; what is no code of the specification is UNKNOWN, as it has it. */
export function statusNamed(code: string): StatusName {
  return (/^\d+$/.test(code) ? GRPC_STATUS_NAMES[Number(code)] : undefined) ?? 'UNKNOWN'
}

/** https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md, for answers that are none of gRPC. */
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

/** RFC 9113, 7: codes of a RST_STREAM that mean something to a call. */
export const RESET = {
  NO_ERROR: 0,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
} as const

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors: the code of a RST_STREAM. */
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

/** A `grpc-message`, which is UTF-8 in percent-encoding; of one that is not, what can be read. */
export function decodedMessage(text: string): string {
  const bytes = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
