import { matchesGlob } from '../base/glob.ts'
import type { RedactionSettings } from '../settings/settings.ts'
import type { CompileLinear } from './linear-expression.ts'
import { REDACTED } from './urls.ts'
import type { TakeUnits } from './work-budget.ts'

/** Longer values are cut before a pattern sees them. */
const MAX_VALUE_CHARS = 8192
/** Shorter ones come again and again: methods, routes, hosts. */
const MAX_KEPT_CHARS = 256
const MAX_KEPT = 1000
/** Where only a backtracking engine knows the expression. */
const MAX_BACKTRACKED_CHARS = 256
/** What a linear engine needs a character to replace, in what it needs to search. */
const REPLACE_UNITS = 32

/** `OBS_REDACT`: what the user wants hidden beside what always is. */
export interface Patterns {
  /** Whether the attribute is hidden whole. */
  hides(attribute: string): boolean
  text(value: string): string
  /** Every text in an attribute's value or a log record's body. */
  value(value: unknown): unknown
}

/** Redacts a text that is not too long for it; undefined when no units are left for that. */
type Redact = (text: string, take: TakeUnits) => string | undefined

export function createPatterns(
  { patterns, attributes }: RedactionSettings,
  take: TakeUnits,
  compile: CompileLinear,
): Patterns | undefined {
  if (patterns.length + attributes.length === 0) return undefined
  const redacts = patterns.map(({ source, flags }) => redactBy(source, flags, compile))
  const hidden = new Map<string, boolean>()
  const kept = new Map<string, string>()
  const redacted = (value: string): string | undefined => {
    let text = value.slice(0, MAX_VALUE_CHARS)
    for (const redact of redacts) {
      const next = redact(text, take)
      if (next === undefined) return undefined
      text = next
    }
    return text
  }
  const text = (value: string): string => {
    if (redacts.length === 0 || value === '') return value
    if (value.length > MAX_KEPT_CHARS) return redacted(value) ?? REDACTED
    const known = kept.get(value)
    if (known !== undefined) return known
    const shown = redacted(value)
    if (shown === undefined) return REDACTED
    if (kept.size >= MAX_KEPT) kept.clear()
    kept.set(value, shown)
    return shown
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

function redactBy(source: string, flags: string, compile: CompileLinear): Redact {
  const linear = compile(source, flags)
  if (linear === undefined) return redactByBacktracking(new RegExp(source, flags))
  return (text, take) => {
    if (!take(text.length)) return undefined
    if (!linear.test(text)) return text
    return take(REPLACE_UNITS * text.length) ? linear.replace(text, REDACTED) : undefined
  }
}

/** The rest of a longer text does not leave. */
function redactByBacktracking(expression: RegExp): Redact {
  return (text, take) => {
    const start = text.slice(0, MAX_BACKTRACKED_CHARS)
    return take(start.length ** 2 / 4) ? start.replace(expression, REDACTED) : undefined
  }
}
