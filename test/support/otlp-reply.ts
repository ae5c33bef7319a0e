import { Buffer } from 'node:buffer'
import type { ReceivedRequest } from './otlp-receiver.ts'

/** A receiver's reply to one export call. */
export type Reply =
  | { readonly kind: 'accept'; readonly delayMs: number }
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  | {
      readonly kind: 'fail'
      readonly grpcStatus: number
      readonly httpStatus: number
      readonly message: string
      /** Sent as google.rpc.RetryInfo over gRPC, and as Retry-After over HTTP. */
      readonly retryAfterMs: number | undefined
    }
  | { readonly kind: 'never' }

export const accept: Reply = { kind: 'accept', delayMs: 0 }
export const neverAnswer: Reply = { kind: 'never' }

const GRPC_STATUS = { RESOURCE_EXHAUSTED: 8, UNAVAILABLE: 14, UNAUTHENTICATED: 16, INVALID_ARGUMENT: 3 } as const
const HTTP_STATUS = { RESOURCE_EXHAUSTED: 429, UNAVAILABLE: 503, UNAUTHENTICATED: 401, INVALID_ARGUMENT: 400 } as const

export function acceptAfter(delayMs: number): Reply {
  return { kind: 'accept', delayMs }
}

export function reject(status: keyof typeof GRPC_STATUS, retryAfterMs?: number): Reply {
  return {
    kind: 'fail',
    grpcStatus: GRPC_STATUS[status],
    httpStatus: HTTP_STATUS[status],
    message: `${status} by the test`,
    retryAfterMs,
  }
}

export function partialSuccess(rejected: number, message: string): Reply {
  return { kind: 'partial', rejected, message }
}

/** Sends one reply to the first calls, and accepts all later ones. */
export function first(count: number, reply: Reply): (request: ReceivedRequest) => Reply {
  return ({ index }) => (index < count ? reply : accept)
}

/** `grpc-status-details-bin`: google.rpc.Status { code, message, details: [Any(RetryInfo { retry_delay })] }. */
export function retryInfoDetails(grpcStatus: number, message: string, retryAfterMs: number): Buffer {
  const delay = Buffer.concat([
    varintField(1, Math.floor(retryAfterMs / 1000)),
    varintField(2, (retryAfterMs % 1000) * 1_000_000),
  ])
  const any = Buffer.concat([
    bytesField(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')),
    bytesField(2, bytesField(1, delay)),
  ])
  return Buffer.concat([varintField(1, grpcStatus), bytesField(2, Buffer.from(message)), bytesField(3, any)])
}

function varintField(field: number, value: number): Buffer {
  return Buffer.from([field << 3, ...varint(value)])
}

function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes])
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
}
