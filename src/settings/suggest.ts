import { nearest } from '../base/edit-distance.ts'
import type { SettingProblem } from './settings.ts'
import { rowOf, TABLE } from './table.ts'
import type { Texts } from './values.ts'

const MAX_EDITS = 2
/** A `.env` may have any number of names; comparing each with all of ours would take the start. */
const MAX_COMPARED = 100
const NAMES: readonly string[] = TABLE.map(({ name }) => name)

/** One line for each variable that is nearly one of ours; others that share a prefix may belong to anybody. */
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
        message: `${variable} is no known setting and is ignored; ${meant} may be meant`,
      })
    }
  }
  return [...problems.values()]
}

/** No regular expression: this sees every variable of every start. */
export function isOurPrefix(variable: string): boolean {
  return variable.startsWith('OTEL_') || variable.startsWith('OBS_')
}
