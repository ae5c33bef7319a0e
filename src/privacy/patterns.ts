import { matchesGlob } from '../base/glob.ts'
import type { RedactionSettings } from '../settings/settings.ts'
import { REDACTED } from './urls.ts'

/** Longer values are cut before a pattern sees them, so that a slow pattern stays bounded. */
const MAX_VALUE_CHARS = 8192

/** `OBS_REDACT`: what the user wants hidden beside what always is. */
export interface Patterns {
  /** Whether the attribute is hidden whole. */
  hides(attribute: string): boolean
  text(value: string): string
  /** Every text in an attribute's value or a log record's body. */
  value(value: unknown): unknown
}

export function createPatterns({ patterns, attributes }: RedactionSettings): Patterns | undefined {
  if (patterns.length + attributes.length === 0) return undefined
  const expressions = patterns.map(({ source, flags }) => new RegExp(source, flags))
  const hidden = new Map<string, boolean>()
  const text = (value: string): string => {
    if (expressions.length === 0) return value
    let redacted = value.slice(0, MAX_VALUE_CHARS)
    for (const expression of expressions) redacted = redacted.replace(expression, REDACTED)
    return redacted
  }
  const within = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return text(value)
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH || ArrayBuffer.isView(value)) return value
    if (Array.isArray(value)) return value.map((each) => within(each, depth + 1))
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, hides(key) ? REDACTED : within(each, depth + 1)]),
    )
  }
  const hides = (attribute: string): boolean => {
    if (attributes.length === 0) return false
    let isHidden = hidden.get(attribute)
    if (isHidden === undefined) {
      isHidden = attributes.some((glob) => matchesGlob(glob, attribute))
      if (hidden.size < MAX_REMEMBERED) hidden.set(attribute, isHidden)
    }
    return isHidden
  }
  return { hides, text, value: (value) => within(value, 0) }
}

/** Log records hold whatever the app logs. */
const MAX_DEPTH = 8
const MAX_REMEMBERED = 1000
