/**
 * `node bench/ends.ts`: every way a process can end, with every kind of collector, on bare Node.js, under upstream's
 * preload and under this one, with the default deadlines. Reports lost spans, differences from bare Node.js, and how
 * much later the process ends, including startup. Writes bench/ends.md. Runs with a good collector are alone on the
 * machine; those that wait for a collector run two at a time. This takes ten minutes. `node bench/ends.ts good silent`
 * tries only these collectors.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type End, ENDS, runEnd, type RunningCollector, startCollectors } from '../test/support/ends.ts'
import { splitStderr } from '../test/support/own-lines.ts'
import { REGISTER } from '../test/support/paths.ts'
import type { RunResult } from '../test/support/running-process.ts'
import { UPSTREAM } from '../test/support/subject.ts'
import { median } from './statistics.ts'

const ROUNDS = 3
/** How many processes wait for a collector at the same time: one per CPU. */
const WAITING_AT_ONCE = 2
/** A process that takes longer counts as hanging. */
const PATIENCE_MS = 12_000

interface Outcome {
  readonly end: End
  readonly collector: RunningCollector
  /** Undefined if it had to be killed. */
  readonly laterMs: number | undefined
  readonly lost: number
  /** Which of exit code, signal, stdout and stderr differ. */
  readonly differing: readonly string[]
}

interface Preload {
  readonly name: string
  readonly register: string
  readonly env: Readonly<Record<string, string>>
}

const PRELOADS: readonly Preload[] = [
  { name: 'this package', register: REGISTER, env: { OTEL_LOG_LEVEL: 'warn' } },
  { name: "upstream's preload", register: UPSTREAM.register, env: UPSTREAM.env },
]

const bareRuns = new Map<End, readonly RunResult[]>()

type Lifetime = Parameters<typeof startCollectors>[0]

await withLifetime(async (lifetime) => {
  const labels = process.argv.slice(2)
  const collectors = (await startCollectors(lifetime)).filter(
    ({ label }) => labels.length === 0 || labels.includes(label),
  )
  const sections: string[] = []
  for (const preload of PRELOADS) {
    const outcomes: Outcome[] = []
    for (const together of schedule(collectors)) {
      console.error(`${preload.name}: ${together.map(([end, { label }]) => `${end.name} (${label})`).join(', ')}`)
      outcomes.push(...(await Promise.all(together.map(([end, collector]) => compare(preload, end, collector)))))
    }
    sections.push(`## ${preload.name}\n\n${summary(collectors, outcomes)}\n\n${table(collectors, outcomes)}`)
  }
  writeFileSync(join(import.meta.dirname, 'ends.md'), document(labels, sections))
})

/** Groups the runs that happen at the same time. */
function schedule(collectors: readonly RunningCollector[]): [End, RunningCollector][][] {
  const pairs = ENDS.flatMap((end) => collectors.map((collector): [End, RunningCollector] => [end, collector]))
  const alone = pairs.filter(([, collector]) => isTimed(collector))
  const waiting = pairs.filter(([, collector]) => !isTimed(collector))
  return [
    ...alone.map((pair) => [pair]),
    ...waiting.flatMap((_, at) => (at % WAITING_AT_ONCE === 0 ? [waiting.slice(at, at + WAITING_AT_ONCE)] : [])),
  ]
}

function isTimed({ label }: RunningCollector): boolean {
  return label === 'good'
}

async function bareRunsOf(end: End): Promise<readonly RunResult[]> {
  const runs = bareRuns.get(end) ?? (await repeated(ROUNDS, () => run(end, { preload: 'none' }))).filter(ended)
  bareRuns.set(end, runs)
  return runs
}

async function compare({ name, register, env }: Preload, end: End, collector: RunningCollector): Promise<Outcome> {
  const bare = await bareRunsOf(end)
  let lost = 0
  const rounds = isTimed(collector) ? ROUNDS : 1
  const runs = await repeated(rounds, async (round) => {
    const service = `${name} ${end.name} ${collector.label} ${round}`
    const result = await run(end, {
      preload: 'import',
      register,
      env: {
        OTEL_METRICS_EXPORTER: 'none',
        ...env,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        OTEL_SERVICE_NAME: service,
      },
    })
    lost = Math.max(lost, end.spans - collector.received(service))
    return result
  })
  const finished = runs.filter(ended)
  const laterMs = finished.length < runs.length ? undefined : median(finished.map(elapsed)) - median(bare.map(elapsed))
  return {
    end,
    collector,
    laterMs,
    lost,
    differing: [...new Set(finished.flatMap((one) => differences(one, bare[0])))],
  }
}

function differences(run: RunResult, bare: RunResult | undefined): string[] {
  if (bare === undefined) throw new Error('bare Node did not end')
  return [
    run.code === bare.code ? '' : `code ${run.code}`,
    run.signal === bare.signal ? '' : `signal ${run.signal}`,
    run.stdout === bare.stdout ? '' : 'stdout',
    appLines(run) === appLines(bare) ? '' : 'stderr',
  ].filter((what) => what !== '')
}

/** Returns stderr without our own lines and without positions in Node's own files. */
function appLines({ stderr }: RunResult): string {
  return splitStderr(stderr)
    .app.join('\n')
    .replace(/\((node:[^:]+):\d+:\d+/g, '$1')
}

/** Returns undefined if it had to be killed. */
async function run(end: End, options: Parameters<typeof runEnd>[2]): Promise<RunResult | undefined> {
  try {
    return await withLifetime((lifetime) => runEnd(lifetime, end, { ...options, timeoutMs: PATIENCE_MS }))
  } catch {
    return undefined
  }
}

async function withLifetime<Result>(work: (lifetime: Lifetime) => Promise<Result>): Promise<Result> {
  const closers: (() => unknown)[] = []
  try {
    return await work({ after: (close: () => unknown) => void closers.push(close) } as Lifetime)
  } finally {
    for (const close of closers) await close()
  }
}

async function repeated<Result>(rounds: number, work: (round: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let round = 0; round < rounds; round++) results.push(await work(round))
  return results
}

function ended(result: RunResult | undefined): result is RunResult {
  return result !== undefined
}

function elapsed({ elapsedMs }: RunResult): number {
  return elapsedMs
}

function summary(collectors: readonly RunningCollector[], outcomes: readonly Outcome[]): string {
  const rows = collectors.map((collector) => {
    const all = outcomes.filter((outcome) => outcome.collector === collector)
    const times = all.flatMap(({ laterMs }) => (laterMs === undefined ? [] : [Math.round(laterMs)]))
    const lost = all.reduce((sum, outcome) => sum + outcome.lost, 0)
    const spans = all.reduce((sum, { end }) => sum + end.spans, 0)
    return [
      collector.label,
      collector.reply === undefined ? '' : `${lost} of ${spans}`,
      `${all.filter(({ differing }) => differing.length > 0).length} of ${all.length}`,
      `${all.length - times.length}`,
      `${median(times)} ms`,
      `${Math.max(...times)} ms`,
    ]
  })
  return markdown(['collector', 'spans lost', 'ends that differ', 'that never end', 'later, median', 'at most'], rows)
}

function table(collectors: readonly RunningCollector[], outcomes: readonly Outcome[]): string {
  const cell = ({ collector, laterMs, lost, differing }: Outcome): string => {
    const losses = collector.reply === undefined || lost === 0 ? [] : [`lost ${lost}`]
    const time = laterMs === undefined ? 'does not end' : `+${Math.round(laterMs)} ms`
    return [...losses, ...differing, time].join(', ')
  }
  const rows = ENDS.map((end) => [
    end.name,
    ...collectors.map((collector) => {
      const outcome = outcomes.find((one) => one.end === end && one.collector === collector)
      return outcome === undefined ? '' : cell(outcome)
    }),
  ])
  return markdown(['end', ...collectors.map(({ label }) => label)], rows)
}

function markdown(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function document(labels: readonly string[], sections: readonly string[]): string {
  return `# Process exit

Written by \`${['node bench/ends.ts', ...labels].join(' ')}\` on Node ${process.versions.node}. Each way to exit (\`test/apps/use-end.mjs\`) has three or four spans that ended just before. Differences are relative
to bare Node.js: exit code, signal, stdout, and stderr without our own lines. Times are the additional time over bare Node.js, including
startup; a process that takes more than ${PATIENCE_MS / 1000} s counts as hanging. The deadlines are the defaults: 500 ms for an exit, 2 s for a signal.

${sections.join('\n\n')}
`
}
