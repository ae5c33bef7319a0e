import { parsePairs } from './pairs.ts'
import type { BooleanRow, EnumListRow, EnumRow, IntegerRow, ListRow, SettingRow, TextRow } from './row.ts'

export type SettingValue = boolean | number | string | readonly string[] | ReadonlyMap<string, string>

/**
 * The result of parsing one variable. A fault without a value means that nothing of it can be used; with a value, a
 * part is used, and the fault says which.
 */
export interface Parsed {
  readonly value?: SettingValue
  readonly fault?: string
}

const MAX_INTEGER = 2 ** 31 - 1

/** Parses the text of a variable, which must be trimmed and not empty. Never throws. */
export function parseValue(row: SettingRow, text: string): Parsed {
  if (row.noEffect !== undefined) return { fault: `has no effect here: ${row.noEffect}` }
  switch (row.type) {
    case 'boolean':
      return parseBoolean(row, text)
    case 'integer':
      return parseInteger(row, text)
    case 'enum':
      return parseEnum(row, text)
    case 'enums':
      return parseEnums(row, text)
    case 'list':
      return parseList(row, text)
    case 'headers':
    case 'attributes':
      return parsePairs(row.type, text)
    case 'text':
    case 'path':
    case 'url':
      return parseText(row, text)
    case 'pattern':
      return { value: text }
  }
}

function parseBoolean(row: BooleanRow, text: string): Parsed {
  switch (text.toLowerCase()) {
    case 'true':
      return { value: true }
    case 'false':
      return { value: false }
    case '1':
    case 'yes':
    case 'on':
      if (row.lenient === true) return { value: true }
      break
    case '0':
    case 'no':
    case 'off':
      if (row.lenient === true) return { value: false }
      break
    default:
  }
  return { fault: 'is not true or false' }
}

function parseInteger(row: IntegerRow, text: string): Parsed {
  const max = row.max ?? MAX_INTEGER
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= row.min && value <= max) return { value }
  const unit = row.unit === undefined ? '' : ` of ${row.unit}`
  const above = /^\d+$/.test(text) && !(value <= max)
  const range = row.max === undefined && !above ? `${row.min} or more` : `${row.min} to ${max}`
  return { fault: `is not a whole number${unit} (${range})` }
}

/** Parses a decimal number from 0 to 1, the format of `OTEL_TRACES_SAMPLER_ARG`. */
export function parseRatio(text: string): number | undefined {
  if (!/^(?:\d{1,20}\.?\d{0,40}|\.\d{1,40})(?:e-\d{1,2})?$/i.test(text)) return undefined
  const value = Number(text)
  return value >= 0 && value <= 1 ? value : undefined
}

function parseEnum(row: EnumRow, text: string): Parsed {
  const value = canonical(row.values, text)
  return value === undefined ? { fault: unknownValue(row, text) } : { value }
}

function parseEnums(row: EnumListRow, text: string): Parsed {
  const known: string[] = []
  const faults: string[] = []
  for (const entry of entriesOf(text)) {
    const value = canonical(row.values, entry)
    if (value === undefined) faults.push(`names ${quote(entry)}, which ${unknownValue(row, entry)}`)
    else if (!known.includes(value)) known.push(value)
  }
  if (known.length === 0) {
    const [only] = faults
    if (only === undefined) return { fault: 'names nothing' }
    return {
      fault: faults.length === 1 ? unknownValue(row, text.replaceAll(',', '').trim()) : unique(faults),
    }
  }
  if (known.length > 1 && known.includes('none')) {
    known.splice(known.indexOf('none'), 1)
    faults.push('names "none" beside others, which is ignored')
  }
  const value = known[0] === 'none' ? [] : known
  return faults.length === 0 ? { value } : { value, fault: `${unique(faults)}; using ${known.join(',')}` }
}

function unique(faults: readonly string[]): string {
  return [...new Set(faults)].join('; ')
}

function unknownValue(row: EnumRow | EnumListRow, text: string): string {
  const offered = row.values.join(', ')
  const lower = text.toLowerCase()
  const reason =
    row.notOffered !== undefined && Object.hasOwn(row.notOffered, lower) ? row.notOffered[lower] : undefined
  return reason === undefined ? `is not one of ${offered}` : `is not supported (${reason}); use one of ${offered}`
}

function canonical(values: readonly string[], text: string): string | undefined {
  const lower = text.toLowerCase()
  return values.find((value) => value.toLowerCase() === lower)
}

function parseList(row: ListRow, text: string): Parsed {
  const entries = entriesOf(text)
  if (entries.length === 0) return { fault: 'names nothing' }
  const { stripPrefix } = row
  if (stripPrefix === undefined) return { value: [...new Set(entries)] }
  const short = entries.map((entry) => {
    const lower = entry.toLowerCase()
    return lower.startsWith(stripPrefix) ? lower.slice(stripPrefix.length) : lower
  })
  return { value: [...new Set(short)] }
}

function parseText(row: TextRow, text: string): Parsed {
  if (row.accepts !== undefined && !row.accepts.pattern.test(text))
    return { fault: `is not ${row.accepts.description}` }
  // No path, URL or name contains a NUL; passed on, it would make a system call throw later.
  return text.includes('\0') ? { fault: 'contains a NUL character' } : { value: text }
}

function entriesOf(text: string): string[] {
  const entries: string[] = []
  for (const entry of text.split(',')) {
    const trimmed = entry.trim()
    if (trimmed !== '') entries.push(trimmed)
  }
  return entries
}

/** Quotes a value for a log line: in one line and at most 80 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)
}
