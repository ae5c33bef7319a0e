import { mayNeverEnd } from './nested-repetition.ts'
import { joinFaults } from './pairs.ts'
import { quote } from './parse.ts'
import type { Capture, PrivacySettings, RedactionSettings } from './settings.ts'
import { rowOf } from './table.ts'
import type { Values } from './values.ts'

export function readPrivacy(values: Values): PrivacySettings {
  return { capture: readCapture(values), redact: readRedact(values) }
}

/** Reads `OBS_CAPTURE` and the specification's own variable for one of its values. */
export function readCapture(values: Values): readonly Capture[] {
  const row = rowOf('OBS_CAPTURE')
  const chosen = values.choices<Capture | 'all'>('OBS_CAPTURE')
  const all = (row?.type === 'enums' ? row.values : []).filter((name) => name !== 'all' && name !== 'none') as Capture[]
  if (chosen.includes('all')) return all
  const capture = chosen as readonly Capture[]
  if (!values.flag('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT') || capture.includes('genai')) return capture
  return [...capture, 'genai']
}

/** Matches `/expression/flags`, in which commas belong to the expression, or a name. */
const ENTRY = /\s*(\/(?:[^/\\]|\\.)+\/[a-z]*\s*(?=,|$)|[^,]*)(?:,|$)/gsy

/** Each expression is compiled, and applied to every text of every span. */
const MAX_PATTERNS = 100

function readRedact(values: Values): RedactionSettings {
  const text = values.text('OBS_REDACT') ?? ''
  const patterns: RedactionSettings['patterns'][number][] = []
  const attributes: string[] = []
  const faults: string[] = []
  for (const [, matched = ''] of text.matchAll(ENTRY)) {
    const entry = matched.trim()
    if (entry === '') continue
    const expression = /^\/(.+)\/([a-z]*)$/s.exec(entry)
    if (expression === null) {
      if (entry.startsWith('/')) faults.push(`${quote(entry)} has no second slash`)
      else attributes.push(entry)
      continue
    }
    const [, source = '', flags = ''] = expression
    if (patterns.length >= MAX_PATTERNS) {
      faults.push(`${quote(entry)} comes after ${MAX_PATTERNS} expressions`)
      continue
    }
    const problem = problemOf(source, flags)
    if (problem === undefined) patterns.push({ source, flags: flags.includes('g') ? flags : `${flags}g` })
    else faults.push(`${quote(entry)} is not a regular expression (${problem})`)
  }
  if (faults.length > 0) values.addProblem('OBS_REDACT', joinFaults(faults))
  return { patterns, attributes }
}

function problemOf(source: string, flags: string): string | undefined {
  try {
    new RegExp(source, flags).test('')
    // A sticky expression would match in one place only.
    if (flags.includes('y')) return 'the flag "y" is not supported'
    return mayNeverEnd(source)
      ? 'a repetition of a repetition beside a lookahead or a backreference may never end'
      : undefined
  } catch (thrown) {
    return String((thrown as Error).message).replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '')
  }
}
