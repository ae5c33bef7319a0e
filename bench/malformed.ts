/**
 * `node bench/malformed.ts`: what becomes of each malformed value of each of the specification's variables, under this
 * package and under upstream's preload, a process each. Run by hand (some minutes): the counts belong into a release's notes.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { SettingRow } from '../src/settings/row.ts'
import { TABLE } from '../src/settings/table.ts'
import { malformedFor } from '../test/unit/settings/malformed-values.ts'
import { app } from './spawned.ts'
import { SUBJECTS } from './subjects.ts'

type Outcome = 'one line with variable and value' | 'names the variable' | 'says something else' | 'silent'

interface Case {
  readonly row: SettingRow
  readonly value: string
}

const CASES: readonly Case[] = TABLE.filter(({ name, noEffect }) => name.startsWith('OTEL_') && noEffect === undefined)
  .flatMap((row) => malformedFor(row).map((value) => ({ row, value })))
  // No variable can hold a NUL.
  .filter(({ value }) => !value.includes('\0'))

/** As a user would run it, those whose label begins with the argument; `warn` gives upstream a logger, which it has none of by default. */
const RUNS: readonly (readonly [label: string, subject: string, env: Readonly<Record<string, string>>])[] = [
  ['@paxx/obs', 'obs', { OTEL_LOG_LEVEL: 'warn' }],
  ['upstream', 'upstream', {}],
  ['upstream, OTEL_LOG_LEVEL=warn', 'upstream', { OTEL_LOG_LEVEL: 'warn' }],
]

async function outcomeOf(
  { row, value }: Case,
  subject: string,
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const { nodeArgs = [] } = SUBJECTS.find(({ name }) => name === subject) ?? {}
  const child = spawn(process.execPath, [...nodeArgs, app('empty.cjs')], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      OTEL_METRICS_EXPORTER: 'none',
      // Its default set asks the cloud providers' metadata addresses.
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
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return 'silent'
  if (!text.includes(row.name)) return 'says something else'
  const isShown = row.sensitive === true || text.includes(value.trim()) || text.includes(JSON.stringify(value.trim()))
  return lines.length === 1 && isShown ? 'one line with variable and value' : 'names the variable'
}

const variables = new Set(CASES.map(({ row }) => row.name)).size
console.log(`${CASES.length} malformed values of ${variables} variables`)
for (const [label, subject, env] of RUNS.filter(([name]) => name.startsWith(process.argv[2] ?? ''))) {
  const counts: Partial<Record<Outcome, number>> = {}
  const left = [...CASES]
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const outcome = await outcomeOf(next, subject, env)
      counts[outcome] = (counts[outcome] ?? 0) + 1
      if (subject === 'obs' && outcome !== 'one line with variable and value') {
        console.log(`${next.row.name}=${JSON.stringify(next.value)}: ${outcome}`)
      }
    }
  }
  await Promise.all([work(), work()])
  console.log(label, counts)
}
