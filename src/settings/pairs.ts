import { Problem } from '../base/problem.ts'
import type { Parsed } from './parse.ts'

/**
 * Parses `key=value,key2=value2`, the format of OTLP headers and resource attributes: W3C Baggage without its metadata.
 * Invalid entries are ignored. Values of headers are secrets and never part of a fault.
 */
export function parsePairs(type: 'headers' | 'attributes', text: string): Parsed {
  const readEntry = type === 'headers' ? readHeader : readAttribute
  const pairs = new Map<string, string>()
  const faults: string[] = []
  text.split(',').forEach((entry, index) => {
    if (entry.trim() === '') return
    const equals = entry.indexOf('=')
    const read =
      equals < 0
        ? new Problem(`entry ${index + 1} has no "="`)
        : readEntry(entry.slice(0, equals).trim(), entry.slice(equals + 1).trim(), index + 1)
    if (read instanceof Problem) faults.push(read.reason)
    else pairs.set(read.key, read.value)
  })
  if (faults.length === 0) return pairs.size === 0 ? { fault: 'names nothing' } : { value: pairs }
  return { value: pairs, fault: joinFaults(faults) }
}

/** Joins faults about single entries. */
export function joinFaults(faults: readonly string[]): string {
  const shown = faults.slice(0, 4)
  if (faults.length > shown.length) shown.push(`${faults.length - shown.length} more are invalid`)
  return `${shown.join(', ')}; ${faults.length === 1 ? 'it is' : 'they are'} ignored`
}

interface Entry {
  readonly key: string
  readonly value: string
}

/** The characters of a header's name (RFC 9110, 5.6.2). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
/** RFC 9110, 5.5: no control characters. node:http throws above U+00FF. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/

function readHeader(rawName: string, rawValue: string, position: number): Entry | Problem {
  const key = rawName.toLowerCase()
  // In `Authorization: Basic c2VjcmV0=` everything before the `=` is taken for a name, so only its start may be shown.
  const start = /^[!#$%&'*+.^_`|~0-9a-z-]*/i.exec(rawName)?.[0].slice(0, 40) ?? ''
  if (key === '') return new Problem(`entry ${position} has no header name`)
  if (!TOKEN.test(key)) return new Problem(`header "${start}…" has characters that a header name cannot have`)
  const value = decodeOrKeep(rawValue)
  if (value === '') return new Problem(`header "${start}" has no value`)
  if (!HEADER_VALUE.test(value)) return new Problem(`header "${start}" has characters that a header value cannot have`)
  return { key, value }
}

function readAttribute(rawKey: string, rawValue: string, position: number): Entry | Problem {
  const key = decode(rawKey)
  if (key === '') return new Problem(`entry ${position} has no key`)
  const value = decode(unquoted(rawValue))
  if (key === undefined || value === undefined) {
    return new Problem(`entry ${position} has a "%" that starts no percent-encoded character`)
  }
  return { key, value }
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
}

/**
 * Decodes a text, or returns it unchanged if it is malformed: a `100%` in a password is more likely literal than a
 * mistake.
 */
function decodeOrKeep(text: string): string {
  return decode(text) ?? text
}

function decode(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
