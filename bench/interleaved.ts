import { median } from './statistics.ts'
import { SUBJECTS } from './subjects.ts'
import type { BySubject, Subject } from './subjects.ts'

/**
 * Returns the medians of what is measured for one subject after another in each round, so that whatever slows the
 * machine down for a while affects all of them.
 */
export async function interleaved<Name extends string>(
  rounds: number,
  measure: (subject: Subject) => Promise<Record<Name, number>>,
): Promise<Record<Name, BySubject<number>>> {
  const runs: { readonly subject: Subject; readonly measured: Record<Name, number> }[] = []
  // The first run of each reads files from disk and is not counted.
  for (const subject of SUBJECTS) await measure(subject)
  for (let round = 0; round < rounds; round++) {
    for (const subject of SUBJECTS) runs.push({ subject, measured: await measure(subject) })
  }
  const middleOf = (name: Name, of: Subject['name']): number =>
    median(runs.filter(({ subject }) => subject.name === of).map(({ measured }) => measured[name]))
  const names = Object.keys(runs[0]?.measured ?? {}) as Name[]
  return Object.fromEntries(
    names.map((name) => [
      name,
      { bare: middleOf(name, 'bare'), upstream: middleOf(name, 'upstream'), obs: middleOf(name, 'obs') },
    ]),
  ) as Record<Name, BySubject<number>>
}
