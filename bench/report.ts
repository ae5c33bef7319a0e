import type { InstallSize } from './install-size.ts'
import type { PeerName } from './dd-trace.ts'
import type { BySubject } from './subjects.ts'

/** One row of the results: what was measured, and whether the target was met. */
export interface Row {
  readonly what: string
  readonly bare: string
  readonly upstream: string
  readonly obs: string
  /** Our overhead over bare Node.js, as a fraction of upstream's. */
  readonly share: number
  /** dd-trace's overhead, and ours as a fraction of it; undefined where it is not measured. */
  readonly ddTrace?: { readonly over: string; readonly share: number } | undefined
  readonly target: string
  /** Undefined if there is no target. */
  readonly met: boolean | undefined
}

/** Returns a row for the overhead over bare Node.js. The target is a fraction of upstream's overhead. */
export function overheadRow(what: string, unit: string, values: Values, atMost: number): Row {
  const row = overheads(what, unit, values)
  return { ...row, target: `≤ ${percent(atMost)}`, met: row.share <= atMost }
}

/** Returns a row with an absolute target. */
export function limitedRow(what: string, unit: string, values: Values, limit: number): Row {
  return { ...overheads(what, unit, values), target: `≤ ${limit} ${unit}`, met: values.obs - values.bare <= limit }
}

/** dd-trace is measured where a start is. */
type Values = BySubject<number> & Partial<BySubject<number, PeerName>>

function overheads(
  what: string,
  unit: string,
  { bare, upstream, obs, 'dd-trace': ddTrace }: Values,
): Omit<Row, 'target' | 'met'> {
  const over = (value: number): string => `${value < bare ? '' : '+'}${(value - bare).toFixed(1)} ${unit}`
  return {
    what,
    bare: `${bare.toFixed(1)} ${unit}`,
    upstream: over(upstream),
    obs: over(obs),
    share: (obs - bare) / (upstream - bare),
    ddTrace: ddTrace === undefined ? undefined : { over: over(ddTrace), share: (obs - bare) / (ddTrace - bare) },
  }
}

export function installRows(upstream: InstallSize, obs: InstallSize): Row[] {
  return [
    {
      what: 'installed size',
      bare: '',
      upstream: `${upstream.megabytes.toFixed(1)} MB`,
      obs: `${obs.megabytes.toFixed(1)} MB`,
      share: obs.megabytes / upstream.megabytes,
      target: '≤ 5 MB',
      met: obs.megabytes <= 5,
    },
    {
      what: 'installed packages',
      bare: '',
      upstream: String(upstream.packages),
      obs: String(obs.packages),
      share: obs.packages / upstream.packages,
      target: '< 10',
      met: obs.packages < 10,
    },
  ]
}

/** Returns a Markdown table whose columns are aligned in the source. */
export function table(rows: readonly Row[], upstreamVersion: string, ddTraceVersion: string): string {
  const header = [
    '',
    'bare Node',
    `upstream ${upstreamVersion}`,
    `dd-trace ${ddTraceVersion}`,
    '@paxx/obs',
    'share of upstream',
    'share of dd-trace',
    'target',
    '',
  ]
  const cells = rows.map(({ what, bare, upstream, obs, share, ddTrace, target, met }) => [
    what,
    bare,
    upstream,
    ddTrace?.over ?? '',
    obs,
    percent(share),
    ddTrace === undefined ? '' : percent(ddTrace.share),
    target,
    met === undefined ? '' : met ? 'ok' : 'not ok',
  ])
  const widths = header.map((_, column) => Math.max(...[header, ...cells].map((line) => line[column]?.length ?? 0)))
  const draw = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [draw(header), draw(widths.map((width) => '-'.repeat(width))), ...cells.map(draw)].join('\n')
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
