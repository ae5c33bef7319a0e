/**
 * Prometheus' words for UCUM units.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata
 */
const WORDS: Readonly<Record<string, string>> = {
  // Time
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  // Both spellings of kilobytes are in use.
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tebibytes',
  kBy: 'kilobytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  // SI
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  // Others
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
}

/** The denominator of a rate is singular: "meters_per_second". */
const PER_WORDS: Readonly<Record<string, string>> = {
  s: 'second',
  min: 'minute',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  wk: 'week',
  mo: 'month',
  y: 'year',
  a: 'year',
}

/** Returns the unit for `# UNIT` and the name's suffix; empty when there is none. */
export function unitInWords(unit: string, isGauge: boolean): string {
  // Annotations such as {request} name what is counted; they are not units.
  const plain = unit.replace(/\{[^{}]*\}/g, '').trim()
  if (plain === '1') return isGauge ? 'ratio' : ''
  const slash = plain.indexOf('/')
  if (slash < 0) return word(plain, WORDS)
  const numerator = word(plain.slice(0, slash).trim(), WORDS)
  const denominator = word(plain.slice(slash + 1).trim(), PER_WORDS)
  if (denominator === '') return numerator
  return numerator === '' ? `per_${denominator}` : `${numerator}_per_${denominator}`
}

function word(unit: string, words: Readonly<Record<string, string>>): string {
  if (unit === '1') return ''
  if (Object.hasOwn(words, unit)) return words[unit] ?? ''
  return unit.replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_|_$/g, '')
}
