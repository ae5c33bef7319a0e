import { type Span, text } from '../model/telemetry.ts'

/** The request of a SERVER span as a command line; its query, headers and body are not recorded. Undefined for other spans. */
export function curlOf({ kind, attributes }: Span): string | undefined {
  const method = text(attributes, 'http.request.method')
  if (kind !== 'server' || method === '') return undefined
  const port = text(attributes, 'server.port')
  const host = text(attributes, 'server.address') || 'localhost'
  const url = `${text(attributes, 'url.scheme') || 'http'}://${host.includes(':') ? `[${host}]` : host}${port === '' ? '' : `:${port}`}${text(attributes, 'url.path')}`
  return `curl ${method === 'GET' ? '' : `-X ${quoted(method)} `}${quoted(url)}`
}

function quoted(word: string): string {
  return /^[\w:/.[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
