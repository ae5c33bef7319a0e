import assert from 'node:assert/strict'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { startProcess, type RunResult } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ALL, holds } from './shapes.ts'

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
  mkdirSync(join(folder, 'lib'))
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
  writeFileSync(
    join(folder, 'between.cjs'),
    `const { parentPort, Worker, workerData } = require('node:worker_threads')
     const start = () => new Worker(require.resolve('./child.cjs'))
     if (workerData === 'at once') start()
     else {
       parentPort.once('message', start)
       parentPort.postMessage('ready')
     }`,
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
  'a shell that changes the folder': `cp.exec('cd ' + JSON.stringify(away) + ' && ' + JSON.stringify(process.execPath) + ' ' + JSON.stringify(child), (error, out) => process.stdout.write(out))`,
  'a thread with its own flags after chdir': `(process.chdir(away), new Worker(child, { execArgv: process.execArgv }))`,
  'a thread after chdir': `(process.chdir(away), new Worker(child))`,
  'a thread after chdir, with the environment of the process': `(process.chdir(away), new Worker(child, { env: SHARE_ENV, argv: ['one'] }))`,
  'threads with environments of their own after chdir': `(process.chdir(away), ownEnvironments())`,
  'a thread in a folder of the project': `(process.chdir(lib), new Worker(child, Object.freeze({ argv: ['one'] })))`,
  'a child in a folder of the project': `(process.chdir(lib), cp.fork(child))`,
  'a thread of a subclass after chdir': `(process.chdir(away), new (class Own extends Worker { constructor(file) { super(file, { name: 'own' }) } })(child))`,
  'a thread of a thread after chdir': `(process.chdir(away), new Worker(between, { workerData: 'at once' }))`,
  'a thread of a thread that was there before chdir': `beforeChdir(new Worker(between))`,
}

function appText(start: string, { folder, elsewhere }: Project): string {
  return `
    const cp = require('node:child_process'), cluster = require('node:cluster'), { SHARE_ENV, Worker } = require('node:worker_threads')
    function beforeChdir(worker) {
      return worker.once('message', () => { process.chdir(away); worker.postMessage('now') })
    }
    function ownEnvironments() {
      const options = [{ ...process.env, A: '1' }, { ...process.env }].map((env) => Object.freeze({ env: Object.freeze(env) }))
      new Worker(child, options[0]).on('error', (error) => console.log('error', error.code))
      return new Worker(child, options[1])
    }
    const lib = ${JSON.stringify(join(folder, 'lib'))}
    const between = ${JSON.stringify(join(folder, 'between.cjs'))}
    const child = ${JSON.stringify(join(folder, 'child.cjs'))}, away = ${JSON.stringify(elsewhere)}
    const started = ${start}
    started.on('error', (error) => console.log('error', error.code))
    started.on('exit', (code) => console.log('exit', code))`
}

const BY_PATH = './node_modules/@paxx/obs/register/index.cjs'

type Way = '--import' | '--require' | '--import by path' | '--require by path' | keyof typeof OPTIONS
/** Ways of `NODE_OPTIONS` alone. */
const OPTIONS = {
  NODE_OPTIONS: '--import @paxx/obs/register',
  'NODE_OPTIONS by path': `--import ${BY_PATH}`,
  'NODE_OPTIONS with a quoted flag': '"--import=@paxx/obs/register"',
  'NODE_OPTIONS with quoted words': '"--require" "@paxx/obs/register"',
}
const FLAGS: Readonly<Record<Way, readonly string[]>> = {
  '--import': ['--import', '@paxx/obs/register'],
  '--require': ['--require', '@paxx/obs/register'],
  '--import by path': ['--import', BY_PATH],
  '--require by path': ['-r', BY_PATH],
  NODE_OPTIONS: [],
  'NODE_OPTIONS by path': [],
  'NODE_OPTIONS with a quoted flag': [],
  'NODE_OPTIONS with quoted words': [],
}

const QUIET = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOG_LEVEL: 'warn', OBS_EXIT_FLUSH_TIMEOUT: '60000' }

const ROWS: readonly (readonly [start: string, way: Way])[] = [
  ...Object.keys(STARTS).map((start) => [start, '--import'] as const),
  ['fork with cwd', '--require'],
  ['fork after chdir', 'NODE_OPTIONS'],
  ['spawn with cwd', 'NODE_OPTIONS'],
  ['a shell that changes the folder', 'NODE_OPTIONS'],
  ['a thread after chdir', '--require'],
  ['a thread after chdir', 'NODE_OPTIONS'],
  ['threads with environments of their own after chdir', '--require'],
  ['threads with environments of their own after chdir', 'NODE_OPTIONS'],
  ['threads with environments of their own after chdir', '--import by path'],
  ['a thread in a folder of the project', '--import by path'],
  ['a thread in a folder of the project', '--require by path'],
  ['a thread in a folder of the project', 'NODE_OPTIONS by path'],
  ['a child in a folder of the project', '--import by path'],
  ['fork with cwd', 'NODE_OPTIONS with a quoted flag'],
  ['fork with cwd', 'NODE_OPTIONS with quoted words'],
  ['a thread after chdir', 'NODE_OPTIONS with a quoted flag'],
]

/** What continuous integration tries of them. */
const TYPICAL = new Set([
  'fork with cwd, --import',
  'spawn with cwd, NODE_OPTIONS',
  'exec with cwd, --import',
  'a cluster with cwd, --import',
  'a thread with its own flags after chdir, --import',
  'a thread after chdir, --import',
  'a thread after chdir, NODE_OPTIONS',
  'threads with environments of their own after chdir, --import',
  'a thread in a folder of the project, --import by path',
])

test('child processes in another folder start, and their spans arrive', { concurrency: 2 }, async (t) => {
  const at = project(t, 'a project "of mine"')
  const rows = ROWS.filter(([name, way]) => ALL || TYPICAL.has(`${name}, ${way}`)).map(([name, way], index) =>
    t.test(`${name}, ${way}`, async (row) => {
      const app = join(at.folder, `app${index}.cjs`)
      writeFileSync(app, appText(STARTS[name] ?? '', at))
      const receiver = await OtlpReceiver.start(row)
      const env = {
        ...QUIET,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
        ...(isOptions(way) ? { NODE_OPTIONS: OPTIONS[way] } : {}),
      }
      const [bare, ours] = [await run(row, at, [app], {}), await run(row, at, [...FLAGS[way], app], env)]
      assert.deepEqual(lines(ours), lines(bare))
      assert.match(bare.stdout, /child ran/)
      // Flags that a spawn does not pass on are not inherited.
      const inherits = isOptions(way) || !/^(?:spawn|exec) with|^a shell/.test(name)
      assert.deepEqual(
        receiver.spans.map((span) => span.name),
        bare.stdout.match(/child ran/g)?.flatMap(() => (inherits ? ['in a child'] : [])),
      )
      holds('Started elsewhere', `${name}, by ${way}`)
    }),
  )
  await Promise.all(rows)
})

function isOptions(way: Way): way is keyof typeof OPTIONS {
  return way in OPTIONS
}

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
  return await startProcess(t, process.execPath, args, { cwd: at.folder, env, timeoutMs: 120_000 }).exited
}

const LEFT_ALONE: readonly Record<string, string>[] = [
  { OTEL_SDK_DISABLED: 'true' },
  { METRICS_ENABLED: ' off ' },
  { OBS_NEVER_INSTRUMENT: '*' },
]

test(
  'a process that is not instrumented starts children and threads in other folders as well',
  { concurrency: 2 },
  async (t) => {
    const at = project(t)
    const rows = ['fork with cwd', 'a thread after chdir'].flatMap((name) =>
      LEFT_ALONE.map((env, index) =>
        t.test(`${name}, ${JSON.stringify(env)}`, async (row) => {
          const app = join(at.folder, `${name} ${index}.cjs`)
          writeFileSync(app, appText(STARTS[name] ?? '', at))
          const { stdout, stderr } = await run(row, at, [...FLAGS['--import'], app], env)
          assert.deepEqual({ stdout, stderr }, { stdout: 'child ran\nexit 0\n', stderr: '' })
        }),
      ),
    )
    await Promise.all(rows)
  },
)

/** Flags of V8 and of the process cannot be given to a thread, and hold in it all the same. */
const OTHER_FLAGS = ['--max-old-space-size=500', '--title', 'shop', '--no-warnings']

test('a thread after chdir inherits the other flags, as an ES module too', async (t) => {
  const at = project(t)
  writeFileSync(join(at.folder, 'child.mjs'), `console.log(process.execArgv.includes('--no-warnings'), process.title)`)
  const app = join(at.folder, 'app.mjs')
  writeFileSync(
    app,
    `import { Worker } from 'node:worker_threads'
     process.chdir(${JSON.stringify(at.elsewhere)})
     new Worker(new URL('./child.mjs', import.meta.url)).on('error', (error) => console.log(error.code))`,
  )
  const [bare, ours] = [
    await run(t, at, [...OTHER_FLAGS, app], {}),
    await run(t, at, [...OTHER_FLAGS, ...FLAGS['--import'], app], QUIET),
  ]
  assert.equal(bare.stdout, 'true shop\n')
  assert.deepEqual(lines(ours), lines(bare))
})

/** What an app can ask of the class, and the errors that it throws. */
const LOOKS_AT_WORKER = `
  const threads = require('node:worker_threads'), { EventEmitter } = require('node:events'), { inspect } = require('node:util')
  const { Worker } = threads
  const look = () => {
    const worker = new Worker('', { eval: true })
    console.log(Worker.name, Worker.length, inspect(Worker), typeof Worker, Object.getPrototypeOf(Worker) === EventEmitter)
    console.log(worker instanceof Worker, worker.constructor === Worker, Worker.prototype.constructor === Worker, Object.getPrototypeOf(worker) === Worker.prototype)
    console.log(Reflect.ownKeys(Worker.prototype).map(String).join(), inspect(Object.getOwnPropertyDescriptor(Worker.prototype, 'constructor')), inspect(Object.getOwnPropertyDescriptor(threads, 'Worker')))
    for (const args of [[], [7], ['x', 7], ['x', { execArgv: 7 }], ['x', { execArgv: ['--no-such-flag'] }], ['x', { env: 7 }]]) {
      try { new Worker(...args) } catch (error) { console.log(error.code, error.message) }
    }
    try { Worker('x') } catch (error) { console.log(error.message, /paxx/.test(error.stack)) }
    return worker
  }
  import('node:worker_threads').then((module) => {
    console.log(module.Worker === Worker, module.default === threads)
    look().once('exit', () => {
      process.chdir(away)
      look()
    })
  })`

test('the Worker class looks the same to the app as without the preload', async (t) => {
  const at = project(t)
  const app = join(at.folder, 'app.cjs')
  writeFileSync(app, `const away = ${JSON.stringify(at.elsewhere)}\n${LOOKS_AT_WORKER}`)
  const [bare, ours] = [await run(t, at, [app], {}), await run(t, at, [...FLAGS['--import'], app], QUIET)]
  assert.match(bare.stdout, /^true true\nWorker 1 \[class Worker extends EventEmitter\]/)
  assert.deepEqual(lines(ours), lines(bare))
})

test("execArgv and NODE_OPTIONS contain the preload's path, and are otherwise unchanged", async (t) => {
  const at = project(t)
  const app = join(at.folder, 'app.cjs')
  writeFileSync(
    app,
    `console.log(JSON.stringify([process.execArgv, process.env.NODE_OPTIONS, Object.keys(process.env)]))`,
  )
  const env = { NODE_OPTIONS: '--no-warnings  --import @paxx/obs/register' }
  const seen = await run(t, at, ['--stack-size=900', ...FLAGS['--require'], app], { ...env, ...QUIET })
  const bare = await run(t, at, ['--stack-size=900', app], { NODE_OPTIONS: '--no-warnings', ...QUIET })
  const [flags, options, names] = JSON.parse(seen.stdout) as [string[], string, string[]]
  const [, , bareNames] = JSON.parse(bare.stdout) as [string[], string, string[]]
  const register = join(at.folder, 'node_modules/@paxx/obs/register/index.cjs')
  assert.deepEqual(flags, ['--stack-size=900', '--require', register])
  assert.equal(options, `--no-warnings  --import ${pathToFileURL(register).href}`)
  assert.deepEqual(names, bareNames)
})
