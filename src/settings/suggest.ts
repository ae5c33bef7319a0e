import { nearest } from '../base/edit-distance.ts'
import type { SettingProblem } from './settings.ts'
import { rowOf, TABLE } from './table.ts'
import type { Texts } from './values.ts'

const MAX_EDITS = 2
/** A `.env` may have any number of names, and comparing each with all of ours would slow the start. */
const MAX_COMPARED = 100
const NAMES: readonly string[] = TABLE.map(({ name }) => name)

/**
 * Returns a problem for each variable whose name is nearly one of ours. Others with our prefixes may belong to anyone.
 */
export function misspelled(...sources: readonly Texts[]): SettingProblem[] {
  const problems = new Map<string, SettingProblem>()
  let compared = 0
  for (const texts of sources) {
    for (const variable in texts) {
      if (!isOurPrefix(variable) || rowOf(variable) !== undefined || problems.has(variable)) continue
      if (++compared > MAX_COMPARED) return [...problems.values()]
      const meant = nearest(variable, NAMES, MAX_EDITS)
      if (meant === undefined) continue
      problems.set(variable, {
        variable,
        message: `${variable} is not a known setting and is ignored; did you mean ${meant}?`,
      })
    }
  }
  return [...problems.values()]
}

/**
 * Returns whether a variable has one of our prefixes. It uses no regular expression, because it is called for every
 * variable at every start.
 */
export function isOurPrefix(variable: string): boolean {
  return variable.startsWith('OTEL_') || variable.startsWith('OBS_')
}
