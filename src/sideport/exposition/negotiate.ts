import { isEscapingScheme } from './escaping.ts'
import type { EscapingScheme } from './escaping.ts'

export interface ExpositionFormat {
  readonly kind: 'text' | 'openmetrics' | 'protobuf'
  readonly contentType: string
  readonly escaping: EscapingScheme
}

interface Accepted {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
  readonly q: number
}

/** Longer than any real scraper's header; the rest is ignored. */
const MAX_ACCEPT_LENGTH = 4096

/**
 * Returns the supported format with the highest `q`, or text 0.0.4.
 * https://prometheus.io/docs/instrumenting/content_negotiation/
 */
export function negotiateFormat(accept: string | undefined): ExpositionFormat {
  for (const entry of parseAccept(accept ?? '')) {
    const format = formatFor(entry)
    if (format !== undefined) return format
  }
  return text('0.0.4', 'underscores')
}

function formatFor({ type, parameters }: Accepted): ExpositionFormat | undefined {
  const asked = parameters.get('escaping') ?? ''
  // An unknown scheme is never echoed.
  const escaping = isEscapingScheme(asked) ? asked : 'underscores'
  const version = parameters.get('version')
  switch (type) {
    case 'application/vnd.google.protobuf':
      return protobuf(parameters, escaping)
    case 'application/openmetrics-text':
      if (version !== undefined && version !== '1.0.0' && version !== '0.0.1') return undefined
      return openMetrics(version ?? '1.0.0', escaping)
    case 'text/plain':
      if (version !== undefined && version !== '1.0.0' && version !== '0.0.4') return undefined
      return text(version ?? '0.0.4', escaping)
    case 'text/*':
    case '*/*':
      return text('0.0.4', escaping)
    default:
      return undefined
  }
}

/** Returns the text format of a version. UTF-8 names exist since version 1.0.0. */
function text(version: string, asked: EscapingScheme): ExpositionFormat {
  const escaping = version === '0.0.4' && asked === 'allow-utf-8' ? 'underscores' : asked
  const contentType = `text/plain; version=${version}; charset=utf-8; escaping=${escaping}`
  return { kind: 'text', contentType, escaping }
}

function openMetrics(version: string, asked: EscapingScheme): ExpositionFormat {
  const escaping = version === '0.0.1' && asked === 'allow-utf-8' ? 'underscores' : asked
  const contentType = `application/openmetrics-text; version=${version}; charset=utf-8; escaping=${escaping}`
  return { kind: 'openmetrics', contentType, escaping }
}

function protobuf(parameters: ReadonlyMap<string, string>, escaping: EscapingScheme): ExpositionFormat | undefined {
  const message = parameters.get('proto')
  if (message !== undefined && message !== 'io.prometheus.client.MetricFamily') return undefined
  const encoding = parameters.get('encoding')
  if (encoding !== undefined && encoding !== 'delimited') return undefined
  const contentType =
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; ' +
    `escaping=${escaping}`
  return { kind: 'protobuf', contentType, escaping }
}

/** Returns the entries, best first and in their order otherwise. Refused (`q=0`) and malformed ones are removed. */
function parseAccept(accept: string): Accepted[] {
  return accept
    .slice(0, MAX_ACCEPT_LENGTH)
    .split(',')
    .map(parseEntry)
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q)
}

function parseEntry(entry: string): Accepted {
  const [type = '', ...rest] = entry.split(';').map((part) => part.trim())
  const parameters = new Map<string, string>()
  for (const parameter of rest) {
    const equals = parameter.indexOf('=')
    if (equals < 0) continue
    const value = parameter.slice(equals + 1).trim()
    parameters.set(parameter.slice(0, equals).trim().toLowerCase(), value.replace(/^"(.*)"$/, '$1'))
  }
  const q = Number(parameters.get('q') ?? '1')
  return { type: type.toLowerCase(), parameters, q: q >= 0 && q <= 1 ? q : 0 }
}
