import { defaultPortOf, type Target, targetOf } from './client-target.ts'
import { withoutCredentials } from '../../base/host.ts'
import type { HeaderAccess } from './propagation.ts'

/** Headers of an HTTP/2 request: an object, or an alternating list of names and values (Node's raw headers). */
export type Http2Headers = Record<string, unknown> | unknown[]

/** Returns a copy that Node.js reads like the app's headers; undefined if Node.js itself has to reject them. */
export function copyOf(headers: unknown): Http2Headers | undefined {
  if (headers === undefined) return {}
  if (typeof headers !== 'object' || headers === null) return undefined
  if (!Array.isArray(headers)) return { ...headers }
  // `http2.sensitiveHeaders` is a symbol property of the list.
  const symbols = Object.getOwnPropertySymbols(headers).map((symbol) => [
    symbol,
    Reflect.get(headers, symbol) as unknown,
  ])
  return Object.assign(headers.slice(), Object.fromEntries(symbols))
}

export const HTTP2_HEADERS: HeaderAccess<Http2Headers> = {
  get: (headers, name) => {
    const key = keyOf(headers, name)
    return key === undefined ? undefined : (headers as Record<string | number, unknown>)[key]
  },
  set: (headers, name, value) => {
    HTTP2_HEADERS.remove(headers, name)
    if (Array.isArray(headers)) headers.push(name, value)
    else headers[name] = value
  },
  remove: (headers, name) => {
    for (let key = keyOf(headers, name); key !== undefined; key = keyOf(headers, name)) {
      if (typeof key === 'number') (headers as unknown[]).splice(key - 1, 2)
      else delete (headers as Record<string, unknown>)[key]
    }
  },
}

/** Returns the index of a value in a list, or the key in an object. Names are compared without regard to case. */
function keyOf(headers: Http2Headers, name: string): number | string | undefined {
  if (!Array.isArray(headers)) {
    return name in headers ? name : Object.keys(headers).find((key) => isNamed(key, name))
  }
  for (let i = 0; i < headers.length; i += 2) if (isNamed(headers[i], name)) return i + 1
  return undefined
}

function isNamed(key: unknown, name: string): boolean {
  return typeof key === 'string' && key.length === name.length && key.toLowerCase() === name
}

/** Returns an internal field of a session, found by the description of its symbol. */
function fieldOf(session: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(session).find((each) => each.description === description)
  return symbol === undefined ? undefined : Reflect.get(session, symbol)
}

/** Returns whether a session belongs to undici, whose own channels report its requests. */
export function isUndicis(session: object): boolean {
  return Object.getOwnPropertySymbols(session).some(({ description }) => description === 'open streams')
}

export function http2TargetOf(session: object, headers: Http2Headers, method: string): Target {
  const text = (name: string, fallback: unknown): string => {
    const value = HTTP2_HEADERS.get(headers, name) ?? fallback
    return typeof value === 'string' ? value : ''
  }
  const scheme = (text(':scheme', fieldOf(session, 'protocol')) || 'http').replace(/:$/, '')
  const given = text(':authority', HTTP2_HEADERS.get(headers, 'host') ?? fieldOf(session, 'authority'))
  const authority = withoutCredentials(given)
  const [, host = authority, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority) ?? []
  return targetOf(
    { scheme, host, port: port === undefined ? defaultPortOf(scheme) : Number(port) },
    method,
    text(':path', method === 'CONNECT' ? '' : '/'),
  )
}
