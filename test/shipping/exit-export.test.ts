import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { REGISTER } from '../support/paths.ts'
import { startProcess, type RunResult } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ALL, distinct, holds } from './shapes.ts'

/** Serves itself three requests, and ends at once, before any batch is due. */
const APP = `
  const { createServer, get } = require('node:http')
  const server = createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1', async function () {
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => get({ host: '127.0.0.1', port: this.address().port, agent: false }, (response) => response.resume().on('end', resolve)))
    }
    console.log('served')
    if (process.env.END === 'process.exit()') process.exit(3)
    if (process.env.END === 'an exception') throw new RangeError('the end')
    if (process.env.END === 'a signal to itself') process.kill(process.pid, 'SIGTERM')
    if (process.env.END === 'signals') setInterval(() => {}, 1000)
    server.close()
  })
  process.on('beforeExit', () => console.log('beforeExit'))
  process.on('exit', (code) => console.log('exit', code))`

const ENDS = ALL
  ? ['its natural end', 'process.exit()', 'an exception', 'a signal to itself', 'signals']
  : ['process.exit()']

interface Way {
  readonly name: string
  readonly reason: RegExp
  /** Starts the file of the app. */
  readonly command: (app: string, preload: readonly string[]) => [string, string[]]
  /** What has to be done before. */
  readonly prepare?: (t: TestContext, app: string) => Promise<void>
}

const WAYS: readonly Way[] = [
  {
    name: '`ulimit -v 2500000`',
    reason: /address space is limited/,
    command: (app, preload) => [
      'sh',
      ['-c', 'ulimit -v 2500000 && exec "$@"', 'sh', process.execPath, ...preload, app],
    ],
  },
  {
    name: '`--permission --allow-child-process`',
    reason: /--allow-worker/,
    command: (app, preload) => [
      process.execPath,
      ['--permission', '--allow-fs-read=*', '--allow-child-process', ...preload, app],
    ],
  },
  {
    name: 'a startup snapshot',
    reason: /from a snapshot/,
    command: (app, preload) => [process.execPath, ['--snapshot-blob', `${app}.blob`, ...preload]],
    async prepare(t, app) {
      writeFileSync(
        `${app}.builder.cjs`,
        `require('node:v8').startupSnapshot.setDeserializeMainFunction(() => {${APP}\n})`,
      )
      const build = ['--snapshot-blob', `${app}.blob`, '--build-snapshot', `${app}.builder.cjs`]
      const { code, stderr } = await startProcess(t, process.execPath, build).exited
      assert.equal(code, 0, stderr)
    },
  },
]

test('without an export worker, a child process sends what is left at the end', { concurrency: 2 }, async (t) => {
  const rows = WAYS.filter(({ name }) => ALL || name.startsWith('`ulimit')).map((way) =>
    t.test(way.name, async (of) => {
      const app = join(temporaryFolder(of, 'exit-export'), 'app.cjs')
      writeFileSync(app, APP)
      await way.prepare?.(of, app)
      for (const end of ENDS) {
        await of.test(end, async (row) => {
          const receiver = await OtlpReceiver.start(row)
          const run = (preload: readonly string[]): Promise<RunResult> =>
            ended(row, way, app, preload, end, receiver.grpcUrl)
          const [bare, ours] = [await run([]), await run(['--require', REGISTER])]
          const { own, app: stderr } = splitStderr(ours.stderr)
          assert.deepEqual([ours.code, ours.signal, ours.stdout], [bare.code, bare.signal, bare.stdout])
          assert.deepEqual(stderr, splitStderr(bare.stderr).app)
          const lines = own.filter((line) => !/traces to/.test(line))
          assert.equal(lines.length, 1, own.join('\n'))
          assert.match(lines[0] ?? '', way.reason)
          const kinds = distinct(receiver.spans)
            .map(({ kind }) => kind)
            .toSorted()
          assert.deepEqual(kinds, ['client', 'client', 'client', 'server', 'server', 'server'])
          holds('Ends without an export worker', `${way.name}, ${end}`, 'as bare, complete; one line says why')
        })
      }
    }),
  )
  await Promise.all(rows)
})

test('without a worker and a child process, batches are sent before the natural end, and a line names what other ends lose', async (t) => {
  const app = join(temporaryFolder(t, 'exit-export'), 'app.cjs')
  writeFileSync(app, APP)
  const way: Way = {
    name: '`--permission`',
    reason: /--allow-worker.*loses what is unsent when the process does not end by itself/,
    command: (file, preload) => [process.execPath, ['--permission', '--allow-fs-read=*', ...preload, file]],
  }
  for (const end of ALL ? ENDS : ['its natural end', 'process.exit()']) {
    await t.test(end, async (row) => {
      const receiver = await OtlpReceiver.start(row)
      const run = (preload: readonly string[]): Promise<RunResult> =>
        ended(row, way, app, preload, end, receiver.grpcUrl)
      const [bare, ours] = [await run([]), await run(['--require', REGISTER])]
      const { own, app: stderr } = splitStderr(ours.stderr)
      assert.deepEqual([ours.code, ours.signal, ours.stdout], [bare.code, bare.signal, bare.stdout])
      assert.deepEqual(stderr, splitStderr(bare.stderr).app)
      assert.match(own.join('\n'), way.reason)
      const isNatural = end === 'its natural end'
      // A busy machine may send a first batch before the end.
      assert.doesNotMatch(own.join('\n'), /did not accept them within/, 'nothing was waited for')
      const dropped =
        /(\d+) spans? dropped at exit or not confirmed by http.*neither an export worker nor/.exec(
          own.join('\n'),
        )?.[1] ?? '0'
      const sent = distinct(receiver.spans).length
      if (isNatural) assert.deepEqual([sent, dropped], [6, '0'])
      else assert.ok(sent + Number(dropped) >= 6, `${sent} spans arrived, and ${dropped} were dropped`)
      holds(
        'Ends without an export worker',
        `${way.name}, ${end}`,
        isNatural
          ? 'as bare, complete; one line says why'
          : 'as bare; one line says how many spans are dropped, and why',
      )
    })
  }
})

test('a child process that answered is believed, even when it does not end in time', { skip: !ALL }, async (t) => {
  const folder = temporaryFolder(t, 'exit-export')
  const app = join(folder, 'app.cjs')
  const node = join(folder, 'node.sh')
  writeFileSync(node, `#!/bin/sh\n${JSON.stringify(process.execPath)} "$@" && exec sleep 60\n`, { mode: 0o755 })
  writeFileSync(app, `process.execPath = ${JSON.stringify(node)}\n${APP}`)
  const [way] = WAYS
  assert.ok(way)
  const receiver = await OtlpReceiver.start(t)
  const env = { OBS_EXIT_FLUSH_TIMEOUT: '8000' }
  const ours = await ended(t, way, app, ['--require', REGISTER], 'process.exit()', receiver.grpcUrl, env)
  assert.equal(distinct(receiver.spans).length, 6)
  assert.doesNotMatch(ours.stderr, /dropped at exit/)
})

test('the child process inherits nothing that makes it write a coverage report', { skip: !ALL }, async (t) => {
  const folder = temporaryFolder(t, 'exit-export')
  const app = join(folder, 'app.cjs')
  writeFileSync(app, APP)
  const [way] = WAYS
  assert.ok(way)
  const receiver = await OtlpReceiver.start(t)
  const reports = join(folder, 'coverage')
  const env = { NODE_V8_COVERAGE: reports }
  await ended(t, way, app, ['--require', REGISTER], 'process.exit()', receiver.grpcUrl, env)
  assert.deepEqual([distinct(receiver.spans).length, readdirSync(reports).length], [6, 1])
})

async function ended(
  t: TestContext,
  way: Way,
  app: string,
  preload: readonly string[],
  end: string,
  endpoint: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  const [command, args] = way.command(app, preload)
  const running = startProcess(t, command, args, {
    env: {
      END: end,
      NODE_NO_WARNINGS: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '60000',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OBS_EXIT_FLUSH_TIMEOUT: '20000',
      OBS_SIGNAL_FLUSH_TIMEOUT: '20000',
      ...env,
    },
  })
  if (end === 'signals') {
    await running.waitFor(/served/)
    running.kill('SIGTERM')
    setTimeout(() => running.kill('SIGTERM'), 10)
  }
  return running.exited
}
