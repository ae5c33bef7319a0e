import { existsSync, readFileSync } from 'node:fs'
import type { Report } from './suite.ts'

export type Outcome = 'passed' | 'failed' | 'skipped'
/** By the test's full name; tests of one name are numbered in their order. */
export type Outcomes = ReadonlyMap<string, Outcome>

/** The arguments that make a runner tell the outcomes, in `file` or on stdout. */
export function reportArguments(report: Exclude<Report, 'files'>, file: string): readonly string[] {
  if (report === 'mocha') return ['--reporter', 'json', '--reporter-option', `output=${file}`]
  if (report === 'jest') return ['--json', `--outputFile=${file}`]
  if (report === 'vitest') return ['--reporter=json', `--outputFile=${file}`]
  return []
}

export function outcomesOf(report: Exclude<Report, 'files'>, file: string, stdout: string): Outcomes {
  if (report === 'node' || report === 'tap') return fromTap(stdout)
  if (report === 'mocha') return fromMocha(existsSync(file) ? readFileSync(file, 'utf8') : lastReport(stdout))
  return fromJest(readFileSync(file, 'utf8'))
}

/** Mocha before 9.2 knows no other place than stdout, behind what the tests print. */
function lastReport(stdout: string): string {
  return stdout.slice(stdout.lastIndexOf('{\n  "stats"'), stdout.lastIndexOf('\n}') + 2)
}

interface MochaTest {
  readonly fullTitle: string
}

function fromMocha(text: string): Outcomes {
  const { passes, failures, pending } = JSON.parse(text) as Record<'passes' | 'failures' | 'pending', MochaTest[]>
  const named = (tests: MochaTest[], outcome: Outcome): [string, Outcome][] =>
    tests.map(({ fullTitle }) => [fullTitle, outcome])
  return numbered([...named(passes, 'passed'), ...named(failures, 'failed'), ...named(pending, 'skipped')])
}

interface JestResults {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

function fromJest(text: string): Outcomes {
  const { testResults } = JSON.parse(text) as JestResults
  return numbered(
    testResults.flatMap(({ name, status, assertionResults }) => {
      const file = name.replace(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//, '')
      const tests = assertionResults.map((each): [string, Outcome] => [`${file} ${each.fullName}`, jestOutcome(each)])
      return [[`${file} (the file)`, jestOutcome({ status })], ...tests]
    }),
  )
}

function jestOutcome({ status }: { status: string }): Outcome {
  if (status === 'passed') return 'passed'
  return status === 'failed' ? 'failed' : 'skipped'
}

const TAP_LINE =
  /^(?<indent> *)(?<failed>not )?ok \d+(?: - )? *(?<name>.*?)(?: *# (?<directive>SKIP|TODO|time).*)?(?: \{)?$/i
const TAP_SUBTEST = /^(?<indent> *)# Subtest: (?<name>.*)$/

/** Each test under the names of those it is nested in. */
function fromTap(text: string): Outcomes {
  const parents: string[] = []
  const found: [string, Outcome][] = []
  for (const line of text.split('\n')) {
    const subtest = TAP_SUBTEST.exec(line)?.groups
    if (subtest !== undefined) {
      const depth = subtest['indent']!.length / 4
      parents.splice(depth, Infinity, shown(subtest['name']!))
    }
    const result = TAP_LINE.exec(line)?.groups
    if (result === undefined) continue
    const depth = result['indent']!.length / 4
    const name = [...parents.slice(0, depth), shown(result['name']!)].join(' › ')
    const ended = result['failed'] === undefined ? 'passed' : 'failed'
    found.push([name, /skip/i.test(result['directive'] ?? '') ? 'skipped' : ended])
  }
  return numbered(found)
}

/** Without what changes from run to run and place to place. */
function shown(name: string): string {
  return name.replace(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//, '').replace(/\d{9,}|(?<=:)\d{4,5}\b/g, 'N')
}

export function numbered(found: readonly (readonly [string, Outcome])[]): Outcomes {
  const outcomes = new Map<string, Outcome>()
  const counts = new Map<string, number>()
  for (const [name, outcome] of found) {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    outcomes.set(count === 1 ? name : `${name} (${count})`, outcome)
  }
  return outcomes
}
