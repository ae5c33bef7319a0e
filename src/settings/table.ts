import type { PatternRow, SettingRow } from './row.ts'
import { GENERAL_ROWS } from './table-general.ts'
import { LIMITS_ROWS } from './table-limits.ts'
import { NODE_ROWS } from './table-node.ts'
import { OWN_ROWS } from './table-obs.ts'
import { OTLP_ROWS } from './table-otlp.ts'
import { PAGE_ROWS } from './table-page.ts'
import { PRIVACY_ROWS } from './table-privacy.ts'
import { START_ROWS } from './table-start.ts'
import { LOGS_ROWS, METRICS_ROWS, TRACES_ROWS } from './table-signals.ts'

/** Every variable that the package knows, one row each, in the order of the documentation. */
export const TABLE: readonly SettingRow[] = [
  ...GENERAL_ROWS,
  ...OTLP_ROWS,
  ...TRACES_ROWS,
  ...METRICS_ROWS,
  ...LOGS_ROWS,
  ...LIMITS_ROWS,
  ...NODE_ROWS,
  ...OWN_ROWS,
  ...PAGE_ROWS,
  ...START_ROWS,
  ...PRIVACY_ROWS,
]

const BY_NAME: ReadonlyMap<string, SettingRow> = new Map(TABLE.map((row) => [row.name, row]))
const PATTERNS: readonly PatternRow[] = TABLE.filter((row) => row.type === 'pattern')

/** Returns the row of a variable, by its name or by a family's prefix. */
export function rowOf(variable: string): SettingRow | undefined {
  return BY_NAME.get(variable) ?? PATTERNS.find((row) => variable.startsWith(row.prefix))
}
