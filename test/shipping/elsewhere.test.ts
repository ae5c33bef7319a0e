import assert from 'node:assert/strict'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { startProcess, type RunResult } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { holds } from './shapes.ts'

/**
 * The preload is named by its package, as the documents say, and found from the project's folder alone. What the app starts
 * in another folder finds it as well.
 */
interface Project {
  readonly folder: string
  readonly elsewhere: string
}

function project(t: TestContext, name = 'project'): Project {
  const base = temporaryFolder(t, 'elsewhere')
  const folder = join(base, name)
  const elsewhere = join(base, 'elsewhere')
  mkdirSync(join(folder, 'node_modules/@paxx'), { recursive: true })
  mkdirSync(elsewhere)
  const installation = join(folder, 'node_modules/@paxx/obs')
  for (const part of ['register', 'dist', 'package.json'])
    cpSync(join(ROOT, part), join(installation, part), { recursive: true })
  mkdirSync(join(folder, 'node_modules/@opentelemetry'))
  symlinkSync(join(ROOT, 'node_modules/@opentelemetry/api'), join(folder, 'node_modules/@opentelemetry/api'))
  writeFileSync(
    join(folder, 'child.cjs'),
    `require('@opentelemetry/api').trace.getTracer('child').startSpan('in a child').end()
     console.log('child ran')
     require('node:cluster').worker?.disconnect()`,
  )
  return { folder, elsewhere }
}

const STARTS: Readonly<Record<string, string>> = {
  'fork with cwd': `cp.fork(child, [], { cwd: away })`,
  'fork after chdir': `(process.chdir(away), cp.fork(child))`,
  'spawn of its own flags with cwd': `cp.spawn(process.execPath, [...process.execArgv, child], { cwd: away, stdio: 'inherit' })`,
  'spawn with cwd': `cp.spawn(process.execPath, [child], { cwd: away, stdio: 'inherit' })`,
  'exec with cwd': `cp.exec(JSON.stringify(process.execPath) + ' ' + JSON.stringify(child), { cwd: away }, (error, out) => process.stdout.write(out))`,
  'a cluster with cwd': `(cluster.setupPrimary({ exec: child, cwd: away }), cluster.fork().process)`,
  'a thread with its own flags after chdir': `(process.chdir(away), new Worker(child, { execArgv: process.execArgv }))`,
}

function appText(start: string, { folder, elsewhere }: Project): string {
  return `
    const cp = require('node:child_process'), cluster = require('node:cluster'), { Worker } = require('node:worker_threads')
    const child = ${JSON.stringify(join(folder, 'child.cjs'))}, away = ${JSON.stringify(elsewhere)}
    const started = ${start}
    started.on('error', (error) => console.log('error', error.code))
    started.on('exit', (code) => console.log('exit', code))`
}

type Way = '--import' | '--require' | 'NODE_OPTIONS'
const FLAGS: Readonly<Record<Way, readonly string[]>> = {
  '--import': ['--import', '@paxx/obs/register'],
  '--require': ['--require', '@paxx/obs/register'],
  NODE_OPTIONS: [],
}

const QUIET = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOG_LEVEL: 'warn', OBS_EXIT_FLUSH_TIMEOUT: '10000' }

const ROWS: readonly (readonly [start: string, way: Way])[] = [
  ...Object.keys(STARTS).map((start) => [start, '--import'] as const),
  ['fork with cwd', '--require'],
  ['fork after chdir', 'NODE_OPTIONS'],
  ['spawn with cwd', 'NODE_OPTIONS'],
]

test('what an app starts in another folder starts, and its spans arrive', { concurrency: 2 }, async (t) => {
  const at = project(t, 'a project "of mine"')
  const rows = ROWS.map(([name, way], index) =>
    t.test(`${name}, ${way}`, async (row) => {
      const app = join(at.folder, `app${index}.cjs`)
      writeFileSync(app, appText(STARTS[name] ?? '', at))
      const receiver = await OtlpReceiver.start(row)
      const env = {
        ...QUIET,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
        ...(way === 'NODE_OPTIONS' ? { NODE_OPTIONS: '--import @paxx/obs/register' } : {}),
      }
      const [bare, ours] = [await run(row, at, [app], {}), await run(row, at, [...FLAGS[way], app], env)]
      assert.deepEqual(lines(ours), lines(bare))
      assert.match(bare.stdout, /child ran/)
      // Flags that a spawn does not pass on are not inherited.
      const inherits = way === 'NODE_OPTIONS' || !/^(?:spawn|exec) with/.test(name)
      assert.deepEqual(
        receiver.spans.map((span) => span.name),
        inherits ? ['in a child'] : [],
      )
      holds('Started elsewhere', `${name}, by ${way}`)
    }),
  )
  await Promise.all(rows)
})

/** The order of what two processes write is not given. */
function lines({ stdout, stderr, code }: RunResult): unknown {
  return { stdout: stdout.split('\n').toSorted(), stderr, code }
}

async function run(
  t: TestContext,
  at: Project,
  args: readonly string[],
  env: Record<string, string>,
): Promise<RunResult> {
  return await startProcess(t, process.execPath, args, { cwd: at.folder, env }).exited
}

test('a process that is switched off starts its children elsewhere as well', async (t) => {
  const at = project(t)
  const app = join(at.folder, 'app.cjs')
  writeFileSync(app, appText(STARTS['fork with cwd'] ?? '', at))
  const { stdout, stderr } = await run(t, at, [...FLAGS['--import'], app], { OTEL_SDK_DISABLED: 'true' })
  assert.deepEqual({ stdout, stderr }, { stdout: 'child ran\nexit 0\n', stderr: '' })
})

test('a thread that cannot find the preload after chdir is told of, with what to do', async (t) => {
  const at = project(t)
  const app = join(at.folder, 'app.cjs')
  writeFileSync(app, appText('(process.chdir(away), new Worker(child))', at))
  const { stdout, stderr } = await run(t, at, [...FLAGS['--import'], app], QUIET)
  assert.equal(stdout, 'error ERR_MODULE_NOT_FOUND\nexit 1\n')
  assert.match(
    stderr,
    /^@paxx\/obs: a worker thread ended with code 1, and .* name the preload by its path: --import \/.*\n$/,
  )
  holds(
    'Started elsewhere',
    'a thread after `chdir()` to where the package is not found',
    'does not start, as Node has it; one line says to name the preload by path',
  )
})
