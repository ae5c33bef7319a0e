/**
 * `node bench/malformed.ts`: the effect of each malformed value of each variable of the specification, under this
 * package and under upstream's preload, one process each. Takes several minutes. Writes bench/malformed.md.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SettingRow } from '../src/settings/row.ts'
import { TABLE } from '../src/settings/table.ts'
import { malformedFor } from '../test/support/malformed-values.ts'
import { SPEC_VARIABLES } from '../test/support/spec-variables.ts'
import { app } from './spawned.ts'
import { SUBJECTS } from './subjects.ts'

const OUTCOMES = ['one line with variable and value', 'names the variable', 'says something else', 'silent'] as const
type Outcome = (typeof OUTCOMES)[number]

interface Case {
  readonly row: SettingRow
  readonly value: string
}

const CASES: readonly Case[] = TABLE.filter(({ name, noEffect }) => name.startsWith('OTEL_') && noEffect === undefined)
  .flatMap((row) => malformedFor(row).map((value) => ({ row, value })))
  // An environment variable cannot contain NUL.
  .filter(({ value }) => !value.includes('\0'))

/** The runs whose label begins with the argument. `warn` gives upstream a logger, which it does not have by default. */
const RUNS: readonly (readonly [label: string, subject: string, env: Readonly<Record<string, string>>])[] = [
  ['@paxx/obs', 'obs', { OTEL_LOG_LEVEL: 'warn' }],
  ['upstream', 'upstream', {}],
  ['upstream, OTEL_LOG_LEVEL=warn', 'upstream', { OTEL_LOG_LEVEL: 'warn' }],
]

async function outcomeOf(
  { row, value }: Case,
  subject: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly outcome: Outcome; readonly lines: number }> {
  const { nodeArgs = [] } = SUBJECTS.find(({ name }) => name === subject) ?? {}
  const child = spawn(process.execPath, [...nodeArgs, app('empty.cjs')], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      OTEL_METRICS_EXPORTER: 'none',
      // Upstream's default detectors query the metadata addresses of cloud providers.
      OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance',
      ...env,
      [row.name]: value,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await once(child, 'close')
  clearTimeout(timer)
  const lines = text.split('\n').filter((line) => line.trim() !== '').length
  if (lines === 0) return { outcome: 'silent', lines }
  if (!text.includes(row.name)) return { outcome: 'says something else', lines }
  const isShown = row.sensitive === true || text.includes(value.trim()) || text.includes(JSON.stringify(value.trim()))
  return { outcome: lines === 1 && isShown ? 'one line with variable and value' : 'names the variable', lines }
}

async function run(
  subject: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly counts: ReadonlyMap<Outcome, number>; readonly lines: number }> {
  const counts = new Map<Outcome, number>()
  let lines = 0
  const left = [...CASES]
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const seen = await outcomeOf(next, subject, env)
      counts.set(seen.outcome, (counts.get(seen.outcome) ?? 0) + 1)
      lines += seen.lines
      if (subject === 'obs' && seen.outcome !== 'one line with variable and value') {
        console.log(`${next.row.name}=${JSON.stringify(next.value)}: ${seen.outcome}`)
      }
    }
  }
  await Promise.all([work(), work()])
  return { counts, lines }
}

const variables = new Set(CASES.map(({ row }) => row.name)).size
const own = TABLE.filter(({ name }) => name.startsWith('OBS_')).reduce((sum, row) => sum + malformedFor(row).length, 0)
const rows: string[] = []
for (const [label, subject, env] of RUNS.filter(([name]) => name.startsWith(process.argv[2] ?? ''))) {
  const { counts, lines } = await run(subject, env)
  rows.push(`| ${label} | ${OUTCOMES.map((outcome) => counts.get(outcome) ?? 0).join(' | ')} | ${lines} |`)
  console.log(rows.at(-1))
}
if (process.argv[2] === undefined) {
  writeFileSync(
    join(import.meta.dirname, 'malformed.md'),
    `# Malformed values

Written by \`node bench/malformed.ts\` on Node ${process.versions.node}: each of ${CASES.length} malformed values of ${variables} variables of the specification in a process of its own.
Of the ${SPEC_VARIABLES.length} variables of the specification and of OpenTelemetry JS, each is proven to take effect in a real process by \`test/e2e/settings.test.ts\`, which also has the ${own} malformed values of this package's own variables.

| preload | ${OUTCOMES.join(' | ')} | lines in all |
| --- | ${[...OUTCOMES, ''].map(() => '---: |').join(' ')}
${rows.join('\n')}
`,
  )
}
