const UNITS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
  [1, 'ms'],
]

/** Formats a duration in milliseconds with three digits and a suitable unit. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  const [length, unit] = UNITS.find(([least]) => ms >= least) ?? [0.001, 'µs']
  return unit === 'µs' ? `${Math.round(ms * 1000)} µs` : `${digits(ms / length)} ${unit}`
}

/** Formats a duration in seconds; an en dash if there is none. */
export function seconds(value: number | undefined): string {
  return value === undefined ? '–' : duration(value * 1000)
}

export function bytes(value: number): string {
  if (value >= 1024 ** 3) return `${digits(value / 1024 ** 3)} GiB`
  if (value >= 1024 ** 2) return `${digits(value / 1024 ** 2)} MiB`
  if (value >= 1024) return `${digits(value / 1024)} KiB`
  return `${Math.round(value)} B`
}

export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 })
}

export function percent(part: number, of: number): string {
  return part === 0 || of === 0 ? '0 %' : `${digits((100 * part) / of)} %`
}

export function time(atMs: number): string {
  const date = new Date(atMs)
  return `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

function digits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** Returns `1 span` or `2,048 spans`. */
export function plural(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}
