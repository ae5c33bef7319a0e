import type { InspectedInstrumentation, InspectedProcess } from '../../base/inspection.ts'

/** One instrumentation over all processes of the service. */
export interface MergedInstrumentation {
  readonly name: string
  /** The patched packages, with their versions if known. */
  readonly patched: readonly string[]
  /** The packages that were loaded in an unsupported version. */
  readonly unsupported: readonly string[]
  /** The number of processes that use it. */
  readonly processes: number
}

export function mergedInstrumentations(processes: readonly InspectedProcess[]): MergedInstrumentation[] {
  const byName = Map.groupBy(
    processes.flatMap(({ pid, instrumentations }) => instrumentations.map((each) => ({ pid, ...each }))),
    ({ name }) => name,
  )
  return [...byName]
    .map(([name, all]) => ({
      name,
      patched: labels(all.flatMap(({ patched }) => patched)),
      unsupported: labels(all.flatMap(({ passedBy }) => passedBy)),
      processes: new Set(all.map(({ pid }) => pid)).size,
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

function labels(packages: InspectedInstrumentation['patched']): string[] {
  return [
    ...new Set(packages.map(({ name, version }) => (version === undefined ? name : `${name} ${version}`))),
  ].toSorted()
}
