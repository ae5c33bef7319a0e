import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../support/paths.ts'
import type { Comparison, Difference } from './compare-suite.ts'
import type { Suite } from './suite.ts'

const RESULTS = join(import.meta.dirname, 'results.json')
const PAGE = join(ROOT, 'docs/suites.md')

/** A suite's last run. */
export interface Result extends Comparison {
  readonly name: string
  readonly version: string
  readonly repository: string
  readonly commit: string
  readonly date: string
  readonly node: string
}

/** Puts the result in the place of the suite's last one and prints all anew. */
export function record(suite: Suite, comparison: Comparison): void {
  const { name, version, repository, commit } = suite
  const date = new Date().toISOString().slice(0, 10)
  const result: Result = { name, version, repository, commit, date, node: process.versions.node, ...comparison }
  const others = recorded().filter((each) => each.name !== name)
  const all = [...others, result].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  writeFileSync(RESULTS, `${JSON.stringify(all, null, 2)}\n`)
  writeFileSync(PAGE, pageOf(all))
}

export function recorded(): Result[] {
  return existsSync(RESULTS) ? (JSON.parse(readFileSync(RESULTS, 'utf8')) as Result[]) : []
}

export function pageOf(results: readonly Result[]): string {
  const rows = results.map(
    ({ name, version, repository, commit, tests, passedBare, differing, unsteady, date, node }) => {
      const source = `[${commit.slice(0, 10)}](https://github.com/${repository}/tree/${commit})`
      const counts = [tests, passedBare, differing.filter(isUnintended).length, differing.length, unsteady.length]
      return `| ${[name, version, source, ...counts, `${date}, Node ${node}`].join(' | ')} |`
    },
  )
  const all = results.flatMap(({ name, differing }) => differing.map((each) => ({ name, ...each })))
  return `# The libraries' own tests, bare and under the preload

\`npm run suites\` runs the test suites that libraries (and Node) have of themselves, once bare and once with \`--import @paxx/obs/register\`, and compares them test by test. A test that does not end alike is run again both ways: it differs when it did so both
times, and is unsteady when one way alone gave two outcomes. Tests that fail bare (for want of a network, of IPv6 or of a service) are compared all the same. This page is written by that command; \`npm run suites -- express koa\` runs some of the suites.

| Package | Version | Sources | Tests | Passed bare | Differ | Differ, with those meant to | Unsteady | Run |
| --- | --- | --- | --: | --: | --: | --: | --: | --- |
${rows.join('\n')}

${sectionOf('Tests that differ', all.filter(isUnintended))}
${sectionOf(
  'Tests that are meant to differ',
  all.filter((each) => !isUnintended(each)),
)}`
}

function isUnintended({ reason }: Difference): boolean {
  return reason === undefined
}

function sectionOf(title: string, differences: readonly (Difference & { name: string })[]): string {
  const lines = differences.map(({ name, ...difference }) => `- ${name}: ${describe(difference)}`)
  return `## ${title}\n\n${lines.length === 0 ? 'None.' : lines.join('\n')}\n`
}

export function describe({ test, bare, preloaded, reason }: Difference): string {
  const why = reason === undefined ? '' : ` (${reason})`
  return `\`${test.replaceAll('`', "'")}\`: ${bare} bare, ${preloaded} under the preload${why}`
}
