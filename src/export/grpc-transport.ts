import { Client, connectivityState, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import type { OtlpSettings, Signal } from '../settings/settings.ts'
import { partialSuccessOf } from './partial-success.ts'
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

/** OTLP/gRPC on grpc-js' own client, with the channel options that the upstream exporter does not let through. */
export class GrpcTransport implements Transport {
  readonly #settings: OtlpSettings
  readonly #metadata = new Metadata()
  readonly #method: string
  #client: Client | undefined
  #inFlight = 0

  constructor(signal: Signal, settings: OtlpSettings) {
    this.#settings = settings
    for (const [name, value] of Object.entries(settings.headers)) this.#metadata.set(name, value)
    this.#method = GRPC_METHOD[signal]
  }

  send(body: Uint8Array, timeoutMs: number): Promise<Attempt> {
    return new Promise((resolve) => {
      const client = this.#connected()
      const deadline = timeoutMs === 0 ? Infinity : Date.now() + timeoutMs
      this.#inFlight++
      client.makeUnaryRequest<Uint8Array, Uint8Array>(
        this.#method,
        (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        (bytes) => bytes,
        body,
        this.#metadata,
        { deadline },
        (error, response) => {
          this.#inFlight--
          if (error === null) {
            resolve({ status: 'success', partial: partialSuccessOf(response ?? new Uint8Array()) })
          } else {
            resolve(failedAttempt(error))
          }
        },
      )
    })
  }

  /**
   * A channel that lost its server waits up to two minutes before it connects again, and asks the DNS at most every 30 s:
   * the next attempt gets a new one, so that spans leave as soon as the collector is back.
   */
  #connected(): Client {
    const failing = this.#client?.getChannel().getConnectivityState(false) === connectivityState.TRANSIENT_FAILURE
    if (this.#client !== undefined && failing && this.#inFlight === 0) {
      this.#client.close()
      this.#client = undefined
    }
    return (this.#client ??= createClient(this.#settings))
  }
}

/** What of the settings a connection needs; certificates default to the system's. */
type Connection = Pick<OtlpSettings, 'endpoint' | 'compression'> & Partial<OtlpSettings>

export function createClient(settings: Connection): Client {
  const { target, tls } = dialled(settings.endpoint)
  const { ca, key, cert } = tls ? readTlsFiles(settings) : {}
  return new Client(
    target,
    tls ? credentials.createSsl(ca ?? null, key ?? null, cert ?? null) : credentials.createInsecure(),
    {
      'grpc.default_compression_algorithm': settings.compression === 'gzip' ? GZIP : 0,
      'grpc.primary_user_agent': 'paxx-obs',
      // A new client is a new connection, without the backoff of the one before.
      'grpc.use_local_subchannel_pool': 1,
    },
  )
}

function failedAttempt(error: ServiceError): Attempt {
  const reason = `${status[error.code] ?? error.code}: ${inShort(error.details || error.message)}`
  const retryAfterMs = retryDelayOf(error.metadata)
  if (error.code === status.RESOURCE_EXHAUSTED && retryAfterMs !== undefined) {
    return { status: 'retryable', reason, retryAfterMs }
  }
  if (!RETRYABLE.has(error.code)) return { status: 'failure', reason }
  return {
    status: 'retryable',
    reason,
    retryAfterMs,
    refused: /ECONNREFUSED|ENOTFOUND|Name resolution failed/.test(reason),
  }
}

/** Of `No connection established. Last error: Error: connect ECONNREFUSED …. Resolution note: …` what a user can use. */
function inShort(details: string): string {
  return details
    .replace(/ ?\.? ?Resolution note: .*$/, '')
    .replace(/^No connection established\. Last error: (?:Error: )?/, '')
}

/** What grpc-js calls a target: `dns:host:port` or `unix:/path`, with the port always written. */
function dialled(endpoint: string): { target: string; tls: boolean } {
  if (endpoint.startsWith('unix:')) return { target: endpoint, tls: false }
  const { protocol, hostname, port } = new URL(endpoint)
  const tls = protocol === 'https:'
  return { target: `dns:${hostname}:${port || (tls ? 443 : 80)}`, tls }
}
