import type { HeaderAccess } from './propagation.ts'

/** The request in the messages of undici's channels, in undici 5 to 8. */
export interface UndiciRequest {
  readonly origin: unknown
  readonly method: string
  readonly path: string
  readonly upgrade?: unknown
  /** Alternating names and values; in undici 5, one string. */
  headers: unknown[] | string
}

/** Ends header lines of undici 5, which are sent as they are. */
const LINE_END = '\r\n'

export const UNDICI_HEADERS: HeaderAccess<UndiciRequest> = {
  get({ headers }, name) {
    if (typeof headers === 'string') return lineOf(headers, name)?.[1]
    const at = indexOf(headers, name, 0)
    return at === -1 ? undefined : headers[at + 1]
  },
  set(request, name, value) {
    const { headers } = request
    if (typeof headers === 'string') {
      UNDICI_HEADERS.remove(request, name)
      request.headers += `${name}: ${value}${LINE_END}`
      return
    }
    const at = indexOf(headers, name, 0)
    if (at === -1) headers.push(name, value)
    else {
      headers[at + 1] = value
      removeFrom(headers, name, at + 2)
    }
  },
  remove(request, name) {
    const { headers } = request
    if (typeof headers !== 'string') removeFrom(headers, name, 0)
    else {
      for (let line = lineOf(headers, name); line !== null; line = lineOf(request.headers as string, name)) {
        request.headers = (request.headers as string).replace(line[0], '')
      }
    }
  },
}

function lineOf(headers: string, name: string): RegExpExecArray | null {
  return new RegExp(`^${name}: ?(.*)\r\n`, 'im').exec(headers)
}

function indexOf(headers: readonly unknown[], name: string, from: number): number {
  for (let i = from; i < headers.length; i += 2) {
    const key = headers[i]
    if (typeof key === 'string' && key.length === name.length && (key === name || key.toLowerCase() === name)) return i
  }
  return -1
}

function removeFrom(headers: unknown[], name: string, from: number): void {
  for (let at = indexOf(headers, name, from); at !== -1; at = indexOf(headers, name, at)) headers.splice(at, 2)
}

/** Returns a response header. The headers are a list of buffers, or (HTTP/2) of strings, or an object. */
export function responseHeader(headers: unknown, name: string): unknown {
  if (!Array.isArray(headers)) {
    const value: unknown = typeof headers === 'object' && headers !== null ? Reflect.get(headers, name) : undefined
    return value
  }
  const values: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if (String(headers[i]).toLowerCase() === name) values.push(String(headers[i + 1]))
  }
  return values.length === 0 ? undefined : values
}
