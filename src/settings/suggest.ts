import type { SettingProblem } from './settings.ts'
import { rowOf, TABLE } from './table.ts'
import type { Texts } from './values.ts'

const MAX_EDITS = 2

/** One line for each variable that is nearly one of ours; others that share a prefix may belong to anybody. */
export function misspelled(...sources: readonly Texts[]): SettingProblem[] {
  const problems = new Map<string, SettingProblem>()
  for (const texts of sources) {
    for (const variable in texts) {
      if (!isOurPrefix(variable) || rowOf(variable) !== undefined || problems.has(variable)) continue
      const meant = nearest(variable)
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

function nearest(variable: string): string | undefined {
  let best: string | undefined
  let bestEdits = MAX_EDITS + 1
  for (const { name } of TABLE) {
    if (Math.abs(name.length - variable.length) > MAX_EDITS) continue
    const edits = editDistance(variable, name)
    if (edits >= bestEdits) continue
    best = name
    bestEdits = edits
  }
  return best
}

/** Levenshtein distance; names on the table are short. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const substituted = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1)
      current.push(Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[right.length] ?? 0
}
