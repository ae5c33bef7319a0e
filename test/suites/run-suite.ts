import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, globSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT } from '../support/paths.ts'
import { numbered, outcomesOf, reportArguments, type Outcome, type Outcomes } from './outcomes.ts'
import type { Suite } from './suite.ts'

/** Bare is a process with an `--import` too: Node starts one in another way than a process without. */
const PRELOADS: Readonly<Record<Way, string>> = {
  bare: join(ROOT, 'test/support/no-preload.cjs'),
  preloaded: join(ROOT, 'register/index.cjs'),
}
export type Way = 'bare' | 'preloaded'

const DEFAULT_TIMEOUT_MS = 300_000
const FILE_TIMEOUT_MS = 60_000
const FILES_AT_ONCE = 2

/** Runs a suite, or of its files those named, and gives each test's outcome. What it printed is kept beside the sources. */
export async function runSuite(
  suite: Suite,
  folder: string,
  way: Way,
  given: NodeJS.ProcessEnv,
  only?: readonly string[],
): Promise<Outcomes> {
  const env = { ...environmentOf(way), ...given, ...suite.env }
  const log = join(folder, `suite-${way}.log`)
  if (suite.report === 'files') return runFiles(suite, folder, env, log, only)
  const temporary = mkdtempSync(join(tmpdir(), 'obs-suite-'))
  const report = join(temporary, 'report.json')
  const before = suite.report === 'node' ? ['--test', '--test-reporter=tap'] : []
  try {
    await runNode([...before, ...suite.args, ...reportArguments(suite.report, report)], {
      folder,
      env,
      log,
      timeoutMs: suite.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    })
    return outcomesOf(suite.report, report, readFileSync(log, 'utf8'))
  } finally {
    rmSync(temporary, { recursive: true })
  }
}

function environmentOf(way: Way): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:OTEL|OBS|NODE|npm)_/i.test(name))
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    NODE_OPTIONS: `--import ${PRELOADS[way]}`,
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    OBS_FLEET: 'false',
    // Runners of tests are left out otherwise.
    OBS_ALWAYS_INSTRUMENT: '**',
    // Tests compare what their child processes write to stderr.
    OTEL_LOG_LEVEL: 'none',
  }
}

interface Run {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly log: string
  readonly timeoutMs: number
}

/** Gives the exit code; null after a signal or when the time was over. */
async function runNode(args: readonly string[], { folder, env, log, timeoutMs }: Run): Promise<number | null> {
  const output = openSync(log, 'w')
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env,
    stdio: ['ignore', output, output],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    return code
  } finally {
    closeSync(output)
  }
}

async function runFiles(
  { files = [], args }: Suite,
  folder: string,
  env: NodeJS.ProcessEnv,
  log: string,
  only: readonly string[] | undefined,
): Promise<Outcomes> {
  const waiting = [...(only ?? globSync([...files], { cwd: folder }).toSorted())]
  const found: [string, Outcome][] = []
  const work = async (thread: number): Promise<void> => {
    const own = { ...env, TEST_THREAD_ID: String(thread), TEST_SERIAL_ID: String(thread) }
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const flags = flagsOf(readFileSync(join(folder, file), 'utf8'))
      const run = { folder, env: own, log: `${log}.${thread}`, timeoutMs: FILE_TIMEOUT_MS }
      const code = await runNode([...flags, ...args, file], run)
      found.push([file, code === 0 ? 'passed' : 'failed'])
      if (code !== 0)
        writeFileSync(log, `# ${file} ended with ${code}\n${readFileSync(run.log, 'utf8')}\n`, { flag: 'a' })
    }
  }
  writeFileSync(log, '')
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, (_, thread) => work(thread)))
  return numbered(found)
}

/** Node's own tests name the flags they need in a comment line. */
function flagsOf(source: string): readonly string[] {
  return [...source.matchAll(/^\/\/ Flags: (.+)$/gm)].flatMap(([, flags = '']) => flags.trim().split(/\s+/))
}
