/** A duration in milliseconds, with three digits and the unit that suits it. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  if (ms >= 60_000) return `${digits(ms / 60_000)} min`
  if (ms >= 1000) return `${digits(ms / 1000)} s`
  if (ms >= 1) return `${digits(ms)} ms`
  return `${Math.round(ms * 1000)} µs`
}

/** A duration in seconds; an en dash where there is none. */
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

/** `1 span`, `2,048 spans`. */
export function plural(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}
