import type { ClientRequest, IncomingMessage } from 'node:http'
import { ADDRESSES } from './host-lookup.ts'
import { withRefPolicy } from './handle-refs.ts'
import { withFewInformational } from './informational.ts'

/** Far more than the answer for a service with thousands of operations. */
const MAX_ANSWER_BYTES = 1024 * 1024

/** Asks Jaeger's sampling server over HTTP. Rejects with the reason; redirects are not followed. */
export function askHttp(url: URL, authorization: string | undefined, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
    const asked: ClientRequest = request({
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: url.pathname + url.search,
      agent: false,
      ...ADDRESSES,
      headers: { 'user-agent': 'paxx-obs', ...(authorization === undefined ? {} : { authorization }) },
    })
    const timer = withRefPolicy(
      setTimeout(() => asked.destroy(new Error(`timed out after ${timeoutMs} ms`)), timeoutMs),
    )
    asked.on('close', () => clearTimeout(timer))
    asked.on('socket', withRefPolicy)
    asked.on('error', reject)
    withFewInformational(asked).on('response', (response) => textOf(response).then(resolve, reject))
    asked.end()
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  const { statusCode } = response
  if (statusCode !== 200) {
    response.destroy()
    throw new Error(`HTTP ${statusCode}`)
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`a response of more than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
