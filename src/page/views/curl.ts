import { type Span, text } from '../model/spans-and-logs.ts'

/** Returns the request of a SERVER span as a command line, as far as it was recorded; undefined for other spans. */
export function curlOf({ kind, attributes }: Span): string | undefined {
  const method = text(attributes, 'http.request.method')
  if (kind !== 'server' || method === '') return undefined
  const port = text(attributes, 'server.port')
  const host = text(attributes, 'server.address') || 'localhost'
  const query = text(attributes, 'url.query')
  const url = `${text(attributes, 'url.scheme') || 'http'}://${host.includes(':') ? `[${host}]` : host}${port === '' ? '' : `:${port}`}${text(attributes, 'url.path')}${query === '' ? '' : `?${query}`}`
  return `curl ${method === 'GET' ? '' : `-X ${quoted(method)} `}${quoted(url)}`
}

/**
 * Returns which parts of the request the command line lacks, for whoever is about to run it; undefined if only headers
 * are missing.
 */
export function missingInCurl({ attributes }: Span): string | undefined {
  const redacted = ['url.path', 'url.query'].some((name) => text(attributes, name).includes('REDACTED'))
  const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(text(attributes, 'http.request.method'))
  const parts = [
    ...(redacted ? ['put the values in where it says REDACTED (OBS_CAPTURE=query records them)'] : []),
    ...(hasBody ? ['the body is not recorded'] : []),
  ]
  return parts.length === 0 ? undefined : parts.join('; ')
}

function quoted(word: string): string {
  return /^[\w:/.[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
