import { median } from './statistics.ts'
import { SUBJECTS } from './subjects.ts'
import type { BySubject, Subject } from './subjects.ts'

/**
 * The medians of what is measured, subject after subject in each round: what slows the machine for a while slows all of
 * them.
 */
export async function interleaved<Name extends string>(
  rounds: number,
  measure: (subject: Subject) => Promise<Record<Name, number>>,
): Promise<Record<Name, BySubject<number>>> {
  const runs: { readonly subject: Subject; readonly measured: Record<Name, number> }[] = []
  // The first run of each reads the files from the disk and is not counted.
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
