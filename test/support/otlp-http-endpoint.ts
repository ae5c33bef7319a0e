import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { partialSuccessOf } from './otlp-grpc-endpoint.ts'
import type { Endpoint, ReceivedRequest, ReceiverOptions } from './otlp-receiver.ts'
import type { Reply } from './otlp-reply.ts'
import { SCHEMAS } from './otlp-schema.ts'
import type { SignalName, SignalSchema } from './otlp-schema.ts'

type Receive = (request: Omit<ReceivedRequest, 'index'>) => Reply

/** Receives OTLP/HTTP in both encodings. Responds with 404 to any other path, as a collector does. */
export async function startHttpEndpoint(receive: Receive, options: ReceiverOptions): Promise<Endpoint> {
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    const base = options.httpBasePath ?? ''
    request.on('end', () => answer(request, Buffer.concat(chunks), response, receive, base))
  }
  const server = options.tls ? createTlsServer(tlsOptions(options), handle) : createServer(handle)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.httpPort ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `${options.tls ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function tlsOptions({ tls, requireClientCertificate = false }: ReceiverOptions): object {
  if (!tls) throw new Error('no certificates')
  return {
    key: readFileSync(tls.serverKeyFile),
    cert: readFileSync(tls.serverCertificateFile),
    ca: readFileSync(tls.caFile),
    requestCert: requireClientCertificate,
    rejectUnauthorized: requireClientCertificate,
  }
}

function answer(
  request: IncomingMessage,
  bytes: Buffer,
  response: ServerResponse,
  receive: Receive,
  base: string,
): void {
  const found = Object.entries(SCHEMAS).find(([, { httpPath }]) => base + httpPath === request.url)
  if (!found || request.method !== 'POST') return void response.writeHead(404).end('404 page not found')
  const [signal, schema] = found as [SignalName, SignalSchema]
  const json = request.headers['content-type'] === 'application/json'
  const reply = receive({
    transport: 'http',
    path: base + schema.httpPath,
    signal,
    headers: request.headers as Record<string, string>,
    body: decode(schema, request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes, json),
  })
  send(reply, signal, schema, json, response)
}

function decode({ request }: SignalSchema, bytes: Buffer, json: boolean): Record<string, unknown> {
  return json ? JSON.parse(bytes.toString()) : request.toObject(request.decode(bytes), { longs: String })
}

function send(reply: Reply, signal: SignalName, schema: SignalSchema, json: boolean, response: ServerResponse): void {
  const body = (message: Record<string, unknown>): Uint8Array | string =>
    json ? JSON.stringify(message) : schema.response.encode(schema.response.fromObject(message)).finish()
  response.setHeader('content-type', json ? 'application/json' : 'application/x-protobuf')
  switch (reply.kind) {
    case 'accept':
      setTimeout(() => response.writeHead(200).end(body({})), reply.delayMs)
      break
    case 'partial':
      response.writeHead(200).end(body({ partialSuccess: partialSuccessOf(signal, reply.rejected, reply.message) }))
      break
    case 'fail':
      if (reply.retryAfterMs !== undefined) response.setHeader('retry-after', Math.ceil(reply.retryAfterMs / 1000))
      response.writeHead(reply.httpStatus).end(reply.message)
      break
    case 'never':
  }
}
