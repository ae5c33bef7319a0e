import type { Outcomes } from './outcomes.ts'
import { runSuite, type Way } from './run-suite.ts'
import type { Suite } from './suite.ts'

/** What the two runs of a suite have shown. */
export interface Comparison {
  readonly tests: number
  readonly passedBare: number
  /** Tests whose outcome is one thing bare and another preloaded, in two runs of each. */
  readonly differing: readonly Difference[]
  /** Tests whose outcome changed between two runs of one way. */
  readonly unsteady: readonly string[]
}

export interface Difference {
  readonly test: string
  readonly bare: string
  readonly preloaded: string
  /** Why it is meant to differ. */
  readonly reason?: string
}

const MISSING = 'not run'

export async function compareSuite(suite: Suite, folder: string, given: NodeJS.ProcessEnv): Promise<Comparison> {
  const run = (way: Way, only?: readonly string[]): Promise<Outcomes> => runSuite(suite, folder, way, given, only)
  const bare = await run('bare')
  const preloaded = await run('preloaded')
  const suspects = differenceOf(bare, preloaded)
  const counts = { tests: bare.size, passedBare: [...bare.values()].filter((outcome) => outcome === 'passed').length }
  if (bare.size === 0) throw new Error(`${suite.name}: no test was found; see suite-bare.log in ${folder}`)
  if (suspects.length === 0) return { ...counts, differing: [], unsteady: [] }
  const only = suite.report === 'files' ? suspects.map(({ test }) => test) : undefined
  const bareAgain = await run('bare', only)
  const preloadedAgain = await run('preloaded', only)
  const isSteady = ({ test }: Difference): boolean =>
    bare.get(test) === bareAgain.get(test) && preloaded.get(test) === preloadedAgain.get(test)
  return {
    ...counts,
    differing: suspects.filter(isSteady).map((difference) => withReason(difference, suite)),
    unsteady: suspects.filter((difference) => !isSteady(difference)).map(({ test }) => test),
  }
}

function differenceOf(bare: Outcomes, preloaded: Outcomes): Difference[] {
  return [...new Set([...bare.keys(), ...preloaded.keys()])]
    .map((test) => ({ test, bare: bare.get(test) ?? MISSING, preloaded: preloaded.get(test) ?? MISSING }))
    .filter((each) => each.bare !== each.preloaded)
}

function withReason(difference: Difference, { intended = [] }: Suite): Difference {
  const found = intended.find(({ test }) => difference.test.includes(test))
  return found === undefined ? difference : { ...difference, reason: found.reason }
}
