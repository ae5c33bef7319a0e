import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { acceptAfter } from '../support/otlp-reply.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { REGISTER, ROOT } from '../support/paths.ts'
import { pause } from '../support/pause.ts'
import { startNode } from '../support/run-node.ts'
import { startProcess, type RunningProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { installed } from './packages.ts'
import { ALL, holds } from './shapes.ts'

/**
 * A terminal signals the whole group, and a wrapper passes the signal on: the app gets it twice. The collector answers
 * after 300 ms, so the second signal comes while the first one's flush waits.
 */
const APP = `
  const { trace } = require(${JSON.stringify(join(ROOT, 'node_modules/@opentelemetry/api'))})
  for (const name of ['a', 'b', 'c']) trace.getTracer('app').startSpan(name).end()
  setInterval(() => {}, 1000)
  setTimeout(() => console.log('up ' + process.pid), 100)`

async function slowCollector(
  t: TestContext,
): Promise<{ readonly receiver: OtlpReceiver; readonly env: Record<string, string> }> {
  const receiver = await OtlpReceiver.start(t, { reply: () => acceptAfter(300) })
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOG_LEVEL: 'warn',
    OBS_SIGNAL_FLUSH_TIMEOUT: '60000',
    OBS_EXIT_FLUSH_TIMEOUT: '60000',
  }
  return { receiver, env }
}

function appFile(t: TestContext): string {
  const file = join(temporaryFolder(t, 'signals'), 'app.cjs')
  writeFileSync(file, APP)
  return file
}

async function signal(running: RunningProcess, signals: readonly NodeJS.Signals[], gapMs: number): Promise<void> {
  for (const [index, name] of signals.entries()) {
    if (index > 0 && gapMs > 0) await pause(gapMs, 'the gap between signals')
    running.kill(name)
  }
}

const TWICE: readonly (readonly [readonly NodeJS.Signals[], number])[] = [
  [['SIGTERM', 'SIGTERM'], 1],
  [['SIGINT', 'SIGTERM'], 10],
  [['SIGHUP', 'SIGHUP', 'SIGHUP'], 5],
  [['SIGQUIT', 'SIGQUIT'], 10],
  [['SIGUSR2', 'SIGUSR2'], 10],
  ...(ALL
    ? ([
        [['SIGTERM', 'SIGTERM'], 0],
        [['SIGTERM', 'SIGTERM'], 10],
        [['SIGTERM', 'SIGTERM'], 100],
        [['SIGINT', 'SIGINT'], 3],
      ] as const)
    : []),
]

test(
  'a signal that comes again at once loses nothing, and ends the process by itself',
  { concurrency: 2 },
  async (t) => {
    const rows = TWICE.map(([signals, gapMs]) =>
      t.test(`${signals.join(' ')}, ${gapMs} ms apart`, async (row) => {
        const { receiver, env } = await slowCollector(row)
        const running = startNode(row, { app: appFile(row), env })
        await running.waitFor(/up/)
        await signal(running, signals, gapMs)
        const { signal: endedBy, code, stderr } = await running.exited
        assert.deepEqual({ endedBy, code, stderr }, { endedBy: signals[0], code: null, stderr: '' })
        assert.equal(receiver.spans.length, 3)
        holds('Signals', `${signals.join(', ')}, ${gapMs} ms apart`)
      }),
    )
    await Promise.all(rows)
  },
)

test('signals that the app listens to itself are its own, every one of them', async (t) => {
  const script = `
    let heard = 0
    process.on('SIGTERM', () => {
      console.log('heard')
      if (++heard === 2) process.exit(7)
    })
    setInterval(() => {}, 1000)
    setTimeout(() => console.log('up'), 100)`
  const { env } = await slowCollector(t)
  const running = startNode(t, { nodeArgsAfter: ['-e', script], env })
  await running.waitFor(/up/)
  running.kill('SIGTERM')
  await running.waitFor(/heard/)
  running.kill('SIGTERM')
  const { code, stdout } = await running.exited
  assert.deepEqual({ code, stdout }, { code: 7, stdout: 'up\nheard\nheard\n' })
})

/** `bin` undefined: Node itself. */
interface Wrapper {
  readonly name: string
  readonly bin?: string
  readonly args: (app: string) => string[]
  readonly env?: Readonly<Record<string, string>>
}

const WRAPPERS: readonly Wrapper[] = [
  { name: '`node --watch`', args: (app) => ['--watch', ...preloaded(app)] },
  {
    name: 'forever',
    bin: 'forever/bin/forever',
    args: (app) => ['-m', '1', app],
    env: { NODE_OPTIONS: `--require ${REGISTER}` },
  },
  {
    name: 'cross-env',
    bin: 'cross-env/dist/bin/cross-env.js',
    args: (app) => ['SHOP=1', process.execPath, ...preloaded(app)],
  },
  {
    name: 'nodemon',
    bin: 'nodemon/bin/nodemon.js',
    args: (app) => ['--quiet', '--exec', [process.execPath, ...preloaded(app)].join(' ')],
  },
  ...(ALL ? [{ name: 'tsx watch', bin: 'tsx/dist/cli.mjs', args: (app: string) => ['watch', ...preloaded(app)] }] : []),
]

function preloaded(app: string): string[] {
  return ['--require', REGISTER, app]
}

test('a group that is signalled through a wrapper loses nothing', { concurrency: 2 }, async (t) => {
  const rows = WRAPPERS.map(({ name, bin, args, env: more = {} }) =>
    t.test(
      name,
      {
        skip: bin !== undefined && installed(bin) === undefined && 'not installed: npm ci --prefix test/shipping/every',
      },
      async (row) => {
        const { receiver, env } = await slowCollector(row)
        const wrapper = startProcess(
          row,
          process.execPath,
          [...(bin === undefined ? [] : [installed(bin) as string]), ...args(appFile(row))],
          { env: { ...env, ...more } },
        )
        const appPid = Number((await wrapper.waitFor(/up (\d+)/))[1])
        process.kill(appPid, 'SIGINT')
        wrapper.kill('SIGINT')
        await receiver.waitForSpans(3)
        wrapper.kill('SIGTERM')
        await wrapper.exited
        holds('Signals', `SIGINT to the app and to ${name}`)
      },
    ),
  )
  await Promise.all(rows)
})
