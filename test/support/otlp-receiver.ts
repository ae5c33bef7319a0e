import type { TestContext } from 'node:test'
import type { CertificateFiles } from './certificates.ts'
import { logsOf, metricsOf, spansOf } from './otlp-decode.ts'
import type { ReceivedLog, ReceivedMetric, ReceivedSpan } from './otlp-decode.ts'
import { startGrpcEndpoint } from './otlp-grpc-endpoint.ts'
import { startHttpEndpoint } from './otlp-http-endpoint.ts'
import type { SignalName } from './otlp-schema.ts'
import { accept } from './otlp-reply.ts'
import type { Reply } from './otlp-reply.ts'

/** One export call as it arrived, before the reply is decided. */
export interface ReceivedRequest {
  readonly transport: 'grpc' | 'http'
  readonly path: string
  readonly signal: SignalName
  readonly headers: Readonly<Record<string, string>>
  /** The decoded export request. */
  readonly body: Record<string, unknown>
  /** The number of earlier calls, over all signals and transports. */
  readonly index: number
}

export interface ReceiverOptions {
  /** Decides each reply; the content of a call is kept only if it is accepted. By default, all are accepted. */
  readonly reply?: (request: ReceivedRequest) => Reply
  /** Serves TLS. */
  readonly tls?: CertificateFiles
  /** With `tls`, rejects clients without a certificate of the same authority. */
  readonly requireClientCertificate?: boolean
  readonly grpcPort?: number
  readonly httpPort?: number
  /** The path before `/v1/<signal>`. */
  readonly httpBasePath?: string
}

export interface Endpoint {
  readonly url: string
  close(): Promise<void>
}

export interface Collected {
  readonly requests: ReceivedRequest[]
  readonly spans: ReceivedSpan[]
  readonly metrics: ReceivedMetric[]
  readonly logs: ReceivedLog[]
}

/**
 * A collector that listens on gRPC and HTTP at once, and decodes and keeps what it receives. It is closed with the
 * test.
 */
export class OtlpReceiver implements Collected {
  readonly requests: ReceivedRequest[] = []
  readonly spans: ReceivedSpan[] = []
  readonly metrics: ReceivedMetric[] = []
  readonly logs: ReceivedLog[] = []
  grpcUrl = ''
  httpUrl = ''
  readonly #options: ReceiverOptions
  readonly #watchers = new Set<() => void>()
  #endpoints: Endpoint[] = []

  private constructor(options: ReceiverOptions) {
    this.#options = options
  }

  static async start(t: Pick<TestContext, 'after'> | undefined, options: ReceiverOptions = {}): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver(options)
    t?.after(() => receiver.close())
    const grpc = await startGrpcEndpoint((request) => receiver.#receive(request), options)
    const http = await startHttpEndpoint((request) => receiver.#receive(request), options)
    receiver.#endpoints = [grpc, http]
    receiver.grpcUrl = grpc.url
    receiver.httpUrl = http.url
    return receiver
  }

  /** Resolves with the spans when there are that many, or when they satisfy the condition. */
  async waitForSpans(
    enough: number | ((spans: readonly ReceivedSpan[]) => boolean),
    timeoutMs = 60_000,
  ): Promise<ReceivedSpan[]> {
    const satisfied = typeof enough === 'number' ? () => this.spans.length >= enough : () => enough(this.spans)
    await this.waitUntil(satisfied, timeoutMs)
    return this.spans
  }

  /** Checks the condition after each call that arrives. */
  waitUntil(satisfied: (collected: Collected) => boolean, timeoutMs = 60_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (satisfied(this)) finish(resolve)
      }
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        this.#watchers.delete(look)
        settle()
      }
      const timer = setTimeout(() => finish(() => reject(new Error(this.#describeShortage(timeoutMs)))), timeoutMs)
      this.#watchers.add(look)
      look()
    })
  }

  clear(): void {
    for (const list of [this.requests, this.spans, this.metrics, this.logs]) list.length = 0
  }

  async close(): Promise<void> {
    await Promise.all(this.#endpoints.splice(0).map((endpoint) => endpoint.close()))
  }

  #receive(arrived: Omit<ReceivedRequest, 'index'>): Reply {
    const request = { ...arrived, index: this.requests.length }
    this.requests.push(request)
    const reply = (this.#options.reply ?? (() => accept))(request)
    if (reply.kind === 'accept' || reply.kind === 'partial') this.#keep(request)
    // The reply is sent first, because a test that continues at once may close the collector.
    setImmediate(() => {
      for (const look of this.#watchers) look()
    })
    return reply
  }

  #keep({ signal, body }: ReceivedRequest): void {
    if (signal === 'traces') this.spans.push(...spansOf(body))
    if (signal === 'metrics') this.metrics.push(...metricsOf(body))
    if (signal === 'logs') this.logs.push(...logsOf(body))
  }

  #describeShortage(timeoutMs: number): string {
    const names = this.spans.map((span) => `${span.kind} ${span.name}`).join(', ')
    return `not satisfied after ${timeoutMs} ms: ${this.requests.length} calls, ${this.spans.length} spans (${names})`
  }
}
