/**
 * How names outside the classic character set are escaped for a scraper:
 * https://prometheus.io/docs/instrumenting/escaping_schemes/
 */
export type EscapingScheme = 'allow-utf-8' | 'underscores' | 'dots' | 'values'

const CLASSIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const CLASSIC_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/

export function isEscapingScheme(text: string): text is EscapingScheme {
  return text === 'allow-utf-8' || text === 'underscores' || text === 'dots' || text === 'values'
}

export function isClassicName(name: string): boolean {
  return CLASSIC_NAME.test(name)
}

export function isClassicLabel(name: string): boolean {
  return CLASSIC_LABEL.test(name)
}

/** Escapes a translated metric name by the scheme that the scraper asked for. */
export function escapeName(name: string, scheme: EscapingScheme): string {
  if (scheme === 'allow-utf-8') return name
  if (scheme === 'dots') return escapeDots(name)
  if (isClassicName(name)) return name
  return scheme === 'values' ? escapeValues(name) : escapeUnderscores(name)
}

/** Escapes a label name, in which a colon is not a classic character. */
export function escapeLabelName(name: string, scheme: EscapingScheme): string {
  if (scheme === 'allow-utf-8') return name
  if (scheme === 'dots') return reserved(escapeDots(name).replaceAll(':', '_'))
  if (isClassicLabel(name)) return name
  if (scheme === 'values') return escapeValues(name).replaceAll(':', '_3A_')
  return reserved(escapeUnderscores(name).replaceAll(':', '_'))
}

function escapeUnderscores(name: string): string {
  return mapCharacters(name, '_', '_')
}

function escapeDots(name: string): string {
  return mapCharacters(name, '__', '_', '_dot_')
}

function escapeValues(name: string): string {
  let escaped = 'U__'
  let first = true
  for (const character of name) {
    if (character === '_') escaped += '__'
    else if (isClassicCharacter(character, first)) escaped += character
    else escaped += `_${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}_`
    first = false
  }
  return escaped
}

function mapCharacters(name: string, underscore: string, other: string, dot: string = other): string {
  let mapped = ''
  let first = true
  for (const character of name) {
    if (character === '_') mapped += underscore
    else if (character === '.') mapped += dot
    else mapped += isClassicCharacter(character, first) ? character : other
    first = false
  }
  return mapped
}

function isClassicCharacter(character: string, first: boolean): boolean {
  return first ? /[a-zA-Z_:]/.test(character) : /[a-zA-Z0-9_:]/.test(character)
}

/** Renames `__name__`, which stands for the metric's own name and would rename the series. */
function reserved(label: string): string {
  return label === '__name__' ? '_name_' : label
}
