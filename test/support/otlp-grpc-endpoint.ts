import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { Metadata, Server, ServerCredentials } from '@grpc/grpc-js'
import type { handleUnaryCall, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Endpoint, ReceivedRequest, ReceiverOptions } from './otlp-receiver.ts'
import { retryInfoDetails } from './otlp-reply.ts'
import type { Reply } from './otlp-reply.ts'
import { SCHEMAS } from './otlp-schema.ts'
import type { SignalName, SignalSchema } from './otlp-schema.ts'

type Receive = (request: Omit<ReceivedRequest, 'index'>) => Reply
type Message = Record<string, unknown>

/** Receives OTLP/gRPC with a real grpc-js server. */
export async function startGrpcEndpoint(receive: Receive, options: ReceiverOptions): Promise<Endpoint> {
  const server = new Server()
  const wire = new WireHeaders()
  for (const [signal, schema] of Object.entries(SCHEMAS)) {
    server.addService(definitionOf(schema), implementationOf(signal as SignalName, schema, receive, wire))
  }
  const credentials = options.tls ? tlsCredentials(options) : ServerCredentials.createInsecure()
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.grpcPort ?? 0}`, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  wire.listen(port)
  return {
    url: `${options.tls ? 'https' : 'http'}://localhost:${port}`,
    close: async () => {
      wire.close()
      server.forceShutdown()
    },
  }
}

function tlsCredentials({ tls, requireClientCertificate = false }: ReceiverOptions): ServerCredentials {
  if (!tls) throw new Error('no certificates')
  const pair = { private_key: readFileSync(tls.serverKeyFile), cert_chain: readFileSync(tls.serverCertificateFile) }
  return ServerCredentials.createSsl(readFileSync(tls.caFile), [pair], requireClientCertificate)
}

function definitionOf({ grpcPath, request, response }: SignalSchema): ServiceDefinition {
  return {
    Export: {
      path: grpcPath,
      requestStream: false,
      responseStream: false,
      requestSerialize: (message: Message) => Buffer.from(request.encode(message).finish()),
      requestDeserialize: (bytes: Buffer) => request.toObject(request.decode(bytes), { longs: String }),
      responseSerialize: (message: Message) => Buffer.from(response.encode(response.fromObject(message)).finish()),
      responseDeserialize: (bytes: Buffer) => response.toObject(response.decode(bytes)),
    },
  }
}

function implementationOf(
  signal: SignalName,
  { grpcPath: path }: SignalSchema,
  receive: Receive,
  wire: WireHeaders,
): UntypedServiceImplementation {
  const handle: handleUnaryCall<Message, Message> = (call, callback) => {
    const headers = { ...call.metadata.getMap(), ...wire.take(path) } as Record<string, string>
    const reply = receive({ transport: 'grpc', signal, path, headers, body: call.request })
    switch (reply.kind) {
      case 'accept':
        setTimeout(() => callback(null, {}), reply.delayMs)
        break
      case 'partial':
        callback(null, { partialSuccess: partialSuccessOf(signal, reply.rejected, reply.message) })
        break
      case 'fail': {
        const metadata = new Metadata()
        const { grpcStatus: code, message, retryAfterMs } = reply
        if (retryAfterMs !== undefined) {
          metadata.set('grpc-status-details-bin', retryInfoDetails(code, message, retryAfterMs))
        }
        callback({ code, details: message, metadata })
        break
      }
      case 'never':
    }
  }
  return { Export: handle }
}

export function partialSuccessOf(signal: SignalName, rejected: number, errorMessage: string): Message {
  const field = { traces: 'rejectedSpans', metrics: 'rejectedDataPoints', logs: 'rejectedLogRecords' }[signal]
  return { [field]: rejected, errorMessage }
}

/**
 * The request headers as sent: grpc-js removes `grpc-encoding` from the metadata before a handler sees it. They are
 * kept in order of arrival, which is enough for a single client.
 */
class WireHeaders {
  #port = 0
  readonly #byPath = new Map<string, Record<string, string>[]>()

  listen(port: number): void {
    this.#port = port
    subscribe('http2.server.stream.created', this.#arrived)
  }

  close(): void {
    unsubscribe('http2.server.stream.created', this.#arrived)
  }

  take(path: string): Record<string, string> {
    return this.#byPath.get(path)?.shift() ?? {}
  }

  readonly #arrived = (message: unknown): void => {
    const { stream, headers } = message as {
      stream: { session?: { socket?: { localPort?: number } } }
      headers: Record<string, string>
    }
    if (stream.session?.socket?.localPort !== this.#port) return
    const path = headers[':path'] ?? ''
    const queue = this.#byPath.get(path) ?? []
    queue.push({ ...headers })
    this.#byPath.set(path, queue)
  }
}
