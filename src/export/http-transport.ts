import type { ClientRequestArgs, IncomingMessage, request as httpRequest } from 'node:http'
import type { OtlpSettings } from '../settings/settings.ts'
import { reasonOf } from '../base/diag.ts'
import { shownUrl } from '../base/shown-url.ts'
import { withoutOpensslTrace } from './openssl-reason.ts'
import { withRefPolicy } from './handle-refs.ts'
import { withFewInformational } from './informational.ts'
import { gzipped } from './gzip.ts'
import { ADDRESSES } from './host-lookup.ts'
import { partialSuccessOf, partialSuccessOfJson } from './partial-success.ts'
import { readClientTls } from './client-tls.ts'
import type { Attempt, Transport } from './transport.ts'

/** OTLP specification, "OTLP/HTTP response": all other statuses are final. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504])
const MAX_RESPONSE_BYTES = 64 * 1024

/** Sends batches over OTLP/HTTP, as protobuf or JSON, with Node's own client. */
export class HttpTransport implements Transport {
  readonly #settings: OtlpSettings
  readonly #request: typeof httpRequest
  readonly #options: ClientRequestArgs

  constructor(settings: OtlpSettings) {
    const url = new URL(settings.endpoint)
    const tls = url.protocol === 'https:'
    this.#settings = settings
    this.#request = process.getBuiltinModule(tls ? 'node:https' : 'node:http').request
    this.#options = {
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname + url.search,
      method: 'POST',
      ...ADDRESSES,
      agent: tls
        ? new (process.getBuiltinModule('node:https').Agent)({ keepAlive: true, ...readClientTls(settings) })
        : new (process.getBuiltinModule('node:http').Agent)({ keepAlive: true }),
    }
  }

  async send(body: Uint8Array, timeoutMs: number): Promise<Attempt> {
    const { headers, compression, protocol } = this.#settings
    const payload = compression === 'gzip' ? await gzipped(body) : body
    return new Promise((resolve) => {
      const failed = (thrown: unknown): void => resolve(failedAttempt(thrown))
      const request = this.#request({
        ...this.#options,
        headers: {
          'user-agent': 'paxx-obs',
          ...headers,
          'content-type': protocol === 'http/protobuf' ? 'application/x-protobuf' : 'application/json',
          'content-length': payload.byteLength,
          ...(compression === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
        },
      })
      if (timeoutMs > 0) {
        const timer = withRefPolicy(
          setTimeout(() => request.destroy(new Error(`timed out after ${timeoutMs} ms`)), timeoutMs),
        )
        request.on('close', () => clearTimeout(timer))
      }
      request.on('socket', withRefPolicy)
      withFewInformational(request).on('response', (response) => {
        answerOf(response).then(
          (attempt) =>
            resolve(attempt.status === 'success' ? { ...attempt, isWritten: request.writableFinished } : attempt),
          failed,
        )
      })
      request.on('error', failed)
      request.end(payload)
    })
  }
}

async function answerOf(response: IncomingMessage): Promise<Attempt> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_RESPONSE_BYTES) break
    chunks.push(chunk)
  }
  const status = response.statusCode ?? 0
  const type = response.headers['content-type'] ?? ''
  if (status >= 200 && status < 300) {
    // Collectors never answer with HTML; proxies, login pages and wrong paths do.
    if (type.startsWith('text/html')) return { status: 'failure', reason: `HTTP ${status} with a web page` }
    const body = Buffer.concat(chunks)
    const partial = type.startsWith('application/json') ? partialSuccessOfJson(body.toString()) : partialSuccessOf(body)
    return { status: 'success', partial }
  }
  const location = response.headers.location === undefined ? '' : ` to ${shownUrl(response.headers.location)}`
  const reason = `HTTP ${status} ${response.statusMessage ?? ''}${location}`.trim()
  if (!RETRYABLE.has(status)) return { status: 'failure', reason, tooLarge: status === 413 }
  return { status: 'retryable', reason, retryAfterMs: retryAfterOf(response.headers['retry-after']) }
}

/** Returns the delay of a `Retry-After` header in milliseconds (RFC 9110, 10.2.3): seconds or a date. */
function retryAfterOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0)
}

function failedAttempt(thrown: unknown): Attempt {
  const reason = withoutOpensslTrace(reasonOf(thrown instanceof AggregateError ? thrown.errors[0] : thrown))
  return { status: 'retryable', reason, refused: /ECONNREFUSED|ENOTFOUND/.test(reason) }
}
