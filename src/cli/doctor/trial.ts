import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { readTextFile, snapshotEnvironment } from '../../base/environment.ts'
import { preloadPath } from '../run/command.ts'
import type { AppFacts } from './app.ts'
import { bundleCheck, bundleTrialCheck } from './bundle.ts'
import { type Check, fact, ok, problem } from './check.ts'
import type { ProbeReport } from './probe.ts'
import { exportChecks, instrumentationChecks } from './process.ts'

/** The result of a trial run of the app's command. */
export interface Trial {
  readonly command: string
  readonly ranForMs: number
  /** How the command ended: by itself, or because the time was up. */
  readonly ending: string
  readonly processes: readonly ProbeReport[]
}

/** The time between SIGTERM and SIGKILL, for the app's own shutdown and the last export. */
const GRACE_MS = 8000

/**
 * Runs the command with the preload for at most `seconds`. Its output goes to stderr, because stdout is for the
 * diagnosis.
 */
export async function tryOut(command: readonly string[], seconds: number): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), 'paxx-obs-doctor-'))
  try {
    const probe = join(folder, 'probe.cjs')
    writeFileSync(probe, `require(${JSON.stringify(join(__dirname, 'cli-probe.cjs'))}).observe(__dirname)\n`)
    const environment = snapshotEnvironment()
    const flags = [preloadPath(), probe].map((path) => `--require ${JSON.stringify(path)}`)
    const [program = '', ...args] = command
    const startedAt = performance.now()
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, NODE_OPTIONS: [environment['NODE_OPTIONS'], ...flags].filter(Boolean).join(' ') },
      // A process group of its own, because npm and shells start the app as a child and all of them have to end.
      detached: process.platform !== 'win32',
    })
    child.stdout.pipe(process.stderr, { end: false })
    child.stderr.pipe(process.stderr, { end: false })
    const ending = await untilEnd(child, seconds * 1000)
    return {
      command: command.join(' '),
      ranForMs: Math.round(performance.now() - startedAt),
      ending,
      processes: reportsIn(folder),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function untilEnd(child: ChildProcess, limitMs: number): Promise<string> {
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${error.message})`))
    child.once('close', (code, signal) => resolve(signal === null ? `ended with code ${code}` : `ended by ${signal}`))
  })
  const overdue = Symbol('overdue')
  const first = await Promise.race([ended, after(limitMs, overdue)])
  if (first !== overdue) return first
  signalGroup(child, 'SIGTERM')
  const second = await Promise.race([ended, after(GRACE_MS, overdue)])
  if (second !== overdue) return `ran, and ${second} on SIGTERM`
  signalGroup(child, 'SIGKILL')
  await ended
  return `ran, and had to be killed ${GRACE_MS / 1000} s after SIGTERM`
}

function after<Value>(delayMs: number, value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(resolve, delayMs, value).unref())
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, signal)
    else child.kill(signal)
  } catch {
    // It ended at this moment.
  }
}

function reportsIn(folder: string): readonly ProbeReport[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.map((name) => JSON.parse(readTextFile(join(folder, name)) ?? '{}') as ProbeReport)
}

/** Returns whether it ended by itself with a failure. */
function hasFailed(ending: string): boolean {
  return /^could not be started|^ended (?:by|with code (?!0$))/.test(ending)
}

/** Returns the trial's checks. `known` are the packages that can be instrumented. */
export async function trialChecks(
  { command, ranForMs, ending, processes }: Trial,
  app: AppFacts,
  known: ReadonlySet<string>,
): Promise<readonly Check[]> {
  const started = processes.filter(({ inspection }) => inspection !== undefined)
  const text = `${command}: ${ending} (${(ranForMs / 1000).toFixed(1)} s)`
  const checks: Check[] = [hasFailed(ending) ? problem('run', text, 'see its output above') : fact('run', text)]
  for (const { script, notStartedReason, inspection } of processes) {
    if (inspection === undefined)
      checks.push(fact('run', `${nameOf(script)} was not instrumented`, notStartedReason ?? 'switched off'))
  }
  if (started.length === 0) {
    checks.push(problem('run', 'the preload did not start in any of its processes', 'see the lines above'))
    checks.push(await bundleCheck(app, known))
  }
  for (const process of started) checks.push(...(await processChecks(process, app, known)))
  return checks
}

async function processChecks(
  { script, inspection }: ProbeReport,
  app: AppFacts,
  known: ReadonlySet<string>,
): Promise<readonly Check[]> {
  if (inspection === undefined) return []
  const patched = new Set(inspection.instrumentations.flatMap((each) => each.patched.map(({ name }) => name)))
  return [
    ok('run', `${nameOf(script)} was instrumented as service "${inspection.service}"`),
    ...(script === undefined ? [] : [await bundleTrialCheck({ ...app, mainFile: script }, known, patched)]),
    ...instrumentationChecks(inspection.instrumentations),
    ...exportChecks(inspection.exports),
  ]
}

function nameOf(script: string | undefined): string {
  return script === undefined ? 'a process without a script' : basename(script)
}
