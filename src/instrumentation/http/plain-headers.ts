/** An object of this shape is read like `IncomingMessage#headers`. */
export interface PlainHeaders {
  readonly host: string | undefined
  readonly 'user-agent': string | undefined
}

/** Matches the headers that are read of every request, other than `host` and `user-agent`. */
const READ = /^(?:traceparent|tracestate|baggage|forwarded|x-forwarded-(?:host|for)|content-length|transfer-encoding)$/i

/** The fields of the default propagators, whose absence `plainHeaders` recognises. */
export const PLAIN_FIELDS: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage'])

/**
 * Returns the headers that the instrumentation reads when they are only `host` and `user-agent`, as for most requests
 * that begin a trace and have no body. Otherwise returns undefined. Node.js parses `request.headers` when it is read
 * first, and many handlers never do.
 */
export function plainHeaders(rawHeaders: readonly string[]): PlainHeaders | undefined {
  let host: string | undefined
  let agent: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 4 && name.toLowerCase() === 'host') {
      // If a header is repeated, the server's options determine which of its values are used.
      if (host !== undefined) return undefined
      host = rawHeaders[i + 1]
    } else if (name.length === 10 && name.toLowerCase() === 'user-agent') {
      if (agent !== undefined) return undefined
      agent = rawHeaders[i + 1]
    } else if (READ.test(name)) return undefined
  }
  return { host, 'user-agent': agent }
}
