import { median } from './statistics.ts'
import { SUBJECTS } from './subjects.ts'
import type { BySubject, Subject, SubjectName } from './subjects.ts'

/**
 * Returns the medians of what is measured for one subject after another in each round, so that whatever slows the
 * machine down for a while affects all of them.
 */
export async function interleaved<Name extends string, Of extends string = SubjectName>(
  rounds: number,
  measure: (subject: Subject<Of>) => Promise<Record<Name, number>>,
  subjects: readonly Subject<Of>[] = SUBJECTS as readonly Subject<string>[] as readonly Subject<Of>[],
): Promise<Record<Name, BySubject<number, Of>>> {
  const runs: { readonly subject: Subject<Of>; readonly measured: Record<Name, number> }[] = []
  // The first run of each reads files from disk and is not counted.
  for (const subject of subjects) await measure(subject)
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) runs.push({ subject, measured: await measure(subject) })
  }
  const middleOf = (name: Name, of: Of): number =>
    median(runs.filter(({ subject }) => subject.name === of).map(({ measured }) => measured[name]))
  const names = Object.keys(runs[0]?.measured ?? {}) as Name[]
  return Object.fromEntries(
    names.map((measured) => [
      measured,
      Object.fromEntries(subjects.map(({ name }) => [name, middleOf(measured, name)])),
    ]),
  ) as Record<Name, BySubject<number, Of>>
}
