import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { retryDelayOf } from './retry-info.ts'
import { readTlsFiles } from './tls.ts'
import { type Attempt, GRPC_METHOD, type Transport } from './transport.ts'

/** OTLP specification, "OTLP/gRPC response": RESOURCE_EXHAUSTED is retryable only when the server names a delay. */
const RETRYABLE: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
])

const GZIP = 2
const MAX_RECONNECT_BACKOFF_MS = 3000

/** OTLP/gRPC on grpc-js' own client, with the channel options that the upstream exporter does not let through. */
export class GrpcTransport implements Transport {
  readonly #client: Client
  readonly #metadata = new Metadata()
  readonly #method: string

  constructor(signal: Signal, settings: OtlpSettings) {
    const { target, tls } = dialled(settings.endpoint)
    const { ca, key, cert } = tls ? readTlsFiles(settings) : {}
    this.#client = new Client(
      target,
      tls ? credentials.createSsl(ca ?? null, key ?? null, cert ?? null) : credentials.createInsecure(),
      {
        'grpc.default_compression_algorithm': settings.compression === 'gzip' ? GZIP : 0,
        'grpc.initial_reconnect_backoff_ms': 500,
        // grpc-js' 120 s would keep the spans here for two minutes after the collector is back.
        'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_BACKOFF_MS,
        'grpc.primary_user_agent': 'paxx-obs',
      },
    )
    for (const [name, value] of Object.entries(settings.headers)) this.#metadata.set(name, value)
    this.#method = GRPC_METHOD[signal]
  }

  send(body: Uint8Array, timeoutMs: number): Promise<Attempt> {
    return new Promise((resolve) => {
      const deadline = timeoutMs === 0 ? Infinity : Date.now() + timeoutMs
      this.#client.makeUnaryRequest<Uint8Array, Uint8Array>(
        this.#method,
        (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        (bytes) => bytes,
        body,
        this.#metadata,
        { deadline },
        (error, response) => resolve(error === null ? { status: 'success', response } : failedAttempt(error)),
      )
    })
  }
}

function failedAttempt(error: ServiceError): Attempt {
  const reason = `${status[error.code] ?? error.code}: ${error.details || error.message}`
  const retryAfterMs = retryDelayOf(error.metadata)
  if (error.code === status.RESOURCE_EXHAUSTED && retryAfterMs !== undefined) {
    return { status: 'retryable', reason, retryAfterMs }
  }
  if (!RETRYABLE.has(error.code)) return { status: 'failure', reason }
  return {
    status: 'retryable',
    reason,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    refused: /ECONNREFUSED|ENOTFOUND|Name resolution failed/.test(reason),
  }
}

/** What grpc-js calls a target: `dns:host:port` or `unix:/path`, with the port always written. */
function dialled(endpoint: string): { target: string; tls: boolean } {
  if (endpoint.startsWith('unix:')) return { target: endpoint, tls: false }
  const { protocol, hostname, port } = new URL(endpoint)
  const tls = protocol === 'https:'
  return { target: `dns:${hostname}:${port || (tls ? 443 : 80)}`, tls }
}
