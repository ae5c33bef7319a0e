import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2'
import { shownUrl } from '../base/shown-url.ts'
import { gzipped } from './gzip.ts'
import type { GrpcConnection } from './grpc-connection.ts'
import { MessageReader, messagePrefix } from './grpc-message.ts'
import { causeOf } from './grpc-socket.ts'
import { decodedMessage, type FailureName, RESET, statusNamed, statusOfHttp, statusOfReset } from './grpc-status.ts'
import { countInformational } from './informational.ts'
import { outliveStream } from './session-lifetime.ts'

type Head = IncomingHttpHeaders & IncomingHttpStatusHeader

export interface GrpcRequest {
  /** `/package.Service/Method`. */
  readonly method: string
  readonly message: Uint8Array
  /** Custom metadata: lower-case names, printable ASCII values. */
  readonly metadata: Readonly<Record<string, string>>
  readonly compression: 'gzip' | 'none'
  /** Timeout in milliseconds for connecting and the call together; 0 means no limit. */
  readonly timeoutMs: number
}

/** The result of a call: a message, or a status and its reason. */
export type GrpcAnswer =
  | { readonly status: 'OK'; readonly message: Uint8Array; readonly isWritten?: boolean }
  | {
      readonly status: FailureName
      readonly reason: string
      /** `grpc-status-details-bin`: a serialised `google.rpc.Status`. */
      readonly details?: Uint8Array | undefined
      /**
       * Set when the server did not process the call or its connection was lost, so that a new connection may succeed
       * at once.
       */
      readonly renewable?: boolean
    }

/**
 * Makes one unary call. Never rejects: every failure becomes a status. Source:
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export async function unaryCall(
  connection: GrpcConnection,
  request: GrpcRequest,
  signal: AbortSignal,
): Promise<GrpcAnswer> {
  try {
    const body = request.compression === 'gzip' ? await gzipped(request.message) : request.message
    const session = await connection.opened
    if (signal.aborted) return late(request)
    const stream = session.request(headersOf(request))
    outliveStream(session, stream)
    return await answerTo(stream, body, connection, request, signal)
  } catch (thrown) {
    // The connection failed, or the session closed before the call was made.
    return signal.aborted
      ? late(request)
      : { status: 'UNAVAILABLE', reason: causeOf(thrown), renewable: connection.isOver }
  }
}

function headersOf({ method, metadata, compression, timeoutMs }: GrpcRequest): Record<string, string> {
  return {
    'user-agent': 'paxx-obs',
    ...metadata,
    ':method': 'POST',
    ':path': method,
    te: 'trailers',
    'content-type': 'application/grpc',
    'grpc-accept-encoding': 'identity,gzip',
    ...(compression === 'gzip' ? { 'grpc-encoding': 'gzip' } : {}),
    ...(timeoutMs > 0 ? { 'grpc-timeout': timeoutText(timeoutMs) } : {}),
  }
}

/** Formats a timeout as `grpc-timeout`: at most eight digits and a unit. */
function timeoutText(timeoutMs: number): string {
  return timeoutMs < 1e8 ? `${timeoutMs}m` : `${Math.floor(timeoutMs / 1000)}S`
}

function late({ timeoutMs }: GrpcRequest): GrpcAnswer {
  return { status: 'DEADLINE_EXCEEDED', reason: `timed out after ${timeoutMs} ms` }
}

function answerTo(
  stream: ClientHttp2Stream,
  body: Uint8Array,
  connection: GrpcConnection,
  request: GrpcRequest,
  signal: AbortSignal,
): Promise<GrpcAnswer> {
  const reader = new MessageReader()
  let head: Head = {}
  let trailers: IncomingHttpHeaders = {}
  let failure: unknown
  return new Promise((resolve) => {
    const cancel = (): void => void stream.close(RESET.CANCEL)
    const ended = (): void => {
      signal.removeEventListener('abort', cancel)
      if (signal.aborted) resolve(late(request))
      else {
        const answer = answered(head, trailers, reader) ?? unanswered(stream, failure, connection)
        resolve(answer.status === 'OK' ? { ...answer, isWritten: stream.writableFinished } : answer)
      }
      // Cancels the request when the server answers before it has read all of it.
      if (!stream.closed) cancel()
    }
    signal.addEventListener('abort', cancel, { once: true })
    const countOne = countInformational((error) => {
      failure = error
      cancel()
    })
    stream.on('headers', countOne)
    stream.on('response', (headers) => (head = headers))
    stream.on('trailers', (headers) => (trailers = headers))
    stream.on('data', (chunk: Buffer) => {
      try {
        reader.take(chunk)
      } catch (thrown) {
        failure = thrown
        cancel()
      }
    })
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // For a RST_STREAM, its code is more precise than the error.
      if (error.code !== 'ERR_HTTP2_STREAM_ERROR') failure ??= error
    })
    // Trailers and the loss of the connection may be reported in the same turn.
    stream.on('end', () => setImmediate(ended))
    stream.on('close', () => setImmediate(ended))
    stream.cork()
    stream.write(messagePrefix(body.byteLength, request.compression === 'gzip'))
    stream.end(body)
    stream.uncork()
  })
}

/**
 * Returns the answer that the server gave in trailers or in a trailers-only response; undefined when it gave no gRPC
 * status.
 */
function answered(head: Head, trailers: IncomingHttpHeaders, reader: MessageReader): GrpcAnswer | undefined {
  const httpStatus = head[':status']
  const grpcHeaders = trailers['grpc-status'] === undefined ? head : trailers
  const code = textOf(grpcHeaders['grpc-status'])
  if (code !== undefined) {
    const status = statusNamed(code)
    if (status === 'OK') return withMessage(reader, textOf(head['grpc-encoding']))
    const details = textOf(grpcHeaders['grpc-status-details-bin'])
    return {
      status,
      reason: decodedMessage(textOf(grpcHeaders['grpc-message']) ?? '') || `grpc-status ${code}`,
      details: details === undefined ? undefined : Buffer.from(details.split(',', 1)[0] ?? '', 'base64'),
    }
  }
  if (httpStatus === undefined) return undefined
  const type = textOf(head['content-type'])
  if (httpStatus === 200 && type?.startsWith('application/grpc') === true) return undefined
  const location = head.location === undefined ? '' : ` to ${shownUrl(head.location)}`
  const reason = `HTTP ${httpStatus}${location}${type === undefined ? '' : ` with content-type ${type}`}`
  return { status: statusOfHttp(httpStatus), reason }
}

function withMessage(reader: MessageReader, encoding: string | undefined): GrpcAnswer {
  try {
    return { status: 'OK', message: reader.message(encoding) }
  } catch (thrown) {
    return { status: 'INTERNAL', reason: causeOf(thrown) }
  }
}

function unanswered({ rstCode }: ClientHttp2Stream, failure: unknown, connection: GrpcConnection): GrpcAnswer {
  if (failure instanceof RangeError) return { status: 'RESOURCE_EXHAUSTED', reason: failure.message }
  const cause = failure === undefined ? undefined : causeOf(failure)
  // When a connection is lost, Node.js closes its streams with a code of its own.
  if (connection.isLost) return { status: 'UNAVAILABLE', reason: cause ?? connection.lostBecause, renewable: true }
  const status = statusOfReset(rstCode ?? RESET.NO_ERROR)
  if (cause !== undefined) return { status, reason: cause }
  const isReset = rstCode !== undefined && rstCode !== RESET.NO_ERROR
  return {
    status,
    reason: isReset ? `Received RST_STREAM with code ${rstCode}` : 'the call ended without a gRPC status',
    renewable: rstCode === RESET.REFUSED_STREAM,
  }
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
