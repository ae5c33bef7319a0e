import { matchesGlob } from '../base/glob.ts'
import type { RedactionSettings } from '../settings/settings.ts'
import type { CompileLinear } from './linear-expression.ts'
import { REDACTED } from './urls.ts'
import type { TakeUnits } from './work-budget.ts'

/** Longer values are truncated before the expressions are applied. */
const MAX_VALUE_CHARS = 8192
/** Shorter values recur, such as methods, routes and hosts, so their results are cached. */
const MAX_KEPT_CHARS = 256
const MAX_KEPT = 1000
/** The limit for expressions that only a backtracking engine supports. */
const MAX_BACKTRACKED_CHARS = 256
/** The cost per character of replacing, relative to that of searching. */
const REPLACE_UNITS = 32

/** Implements `OBS_REDACT`: what is hidden in addition to the default rules. */
export interface Patterns {
  /** Returns whether the whole attribute is hidden. */
  hides(attribute: string): boolean
  text(value: string): string
  /** Redacts every text in an attribute's value or a log record's body. */
  value(value: unknown): unknown
}

/** Redacts a text of limited length; returns undefined if no units are left. */
type RedactText = (text: string, take: TakeUnits) => string | undefined

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

/** The depth to which values are redacted. Log records contain whatever the app logs. */
const MAX_DEPTH = 8
const MAX_REMEMBERED = 1000

function redactBy(source: string, flags: string, compile: CompileLinear): RedactText {
  const linear = compile(source, flags)
  if (linear === undefined) return redactByBacktracking(new RegExp(source, flags))
  return (text, take) => {
    if (!take(text.length)) return undefined
    if (!linear.test(text)) return text
    return take(REPLACE_UNITS * text.length) ? linear.replace(text, REDACTED) : undefined
  }
}

/** Only the beginning of a longer text is exported. */
function redactByBacktracking(expression: RegExp): RedactText {
  return (text, take) => {
    const start = text.slice(0, MAX_BACKTRACKED_CHARS)
    return take(start.length ** 2 / 4) ? start.replace(expression, REDACTED) : undefined
  }
}
