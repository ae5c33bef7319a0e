import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CLI } from '../support/cli.ts'
import { endChild } from '../support/children.ts'
import { CURRENT_NODE, edgeNodeVersions, unsupportedNode } from '../support/matrix.ts'
import { splitStderr } from '../support/own-lines.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { APPS } from '../support/paths.ts'
import { freshEnvironment, type RunResult, startProcess } from '../support/running-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** `paxx-obs run …` is the app's process: what bare node does with the same command line, it does. */

const SCRIPT = `
process.on('SIGTERM', () => { process.stdout.write('drained'); process.exit(9) })
if (process.argv[2] === 'stdin') process.stdin.pipe(process.stdout)
process.stdout.write(JSON.stringify([process.argv.slice(2), process.execArgv.filter((flag) => flag.startsWith('--max')), process.env.OF_THE_USER]))
process.stderr.write('said')
if (process.argv[2] === 'throw') throw new Error('on purpose')
if (process.argv[2] === 'kill') process.kill(process.pid, 'SIGKILL')
if (process.argv[2] === 'serve') {
  setInterval(() => {}, 1000)
}
process.exitCode = Number(process.argv[3] ?? 0)
`

const COMMANDS: readonly { readonly args: readonly string[]; readonly stdin?: string; readonly signal?: 'SIGTERM' }[] =
  [
    { args: ['app.js', 'a b', '7', '--json', '--help'] },
    { args: ['--max-old-space-size', '512', '--no-warnings', 'app.js', '--', '-x'] },
    { args: ['app.js', 'stdin'], stdin: 'passed on' },
    { args: ['app.js', 'throw'] },
    { args: ['app.js', 'kill'] },
    { args: ['app.js', 'serve'], signal: 'SIGTERM' },
    { args: ['missing.js'] },
    { args: ['--no-such-flag'] },
  ]

const QUIET = {
  OTEL_LOG_LEVEL: 'none',
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_EXPORTER_PROMETHEUS_PORT: '0',
  OF_THE_USER: 'ü',
}

/** Its lines of node's internals are others under the preload. */
function withoutStack(text: string): string {
  return text
    .split('\n')
    .filter((line) => line !== '' && !/^ {4}at |node:internal/.test(line))
    .join('\n')
}

for (const { label, execPath } of edgeNodeVersions()) {
  const commands = label === CURRENT_NODE.label ? COMMANDS : COMMANDS.filter(({ signal }) => signal !== undefined)
  for (const { args, stdin, signal } of commands) {
    test(`Node ${label}: run ${args.join(' ')}`, async (t) => {
      const folder = temporaryFolder(t, 'run')
      writeFileSync(join(folder, 'app.js'), SCRIPT)
      const options = { cwd: folder, env: QUIET, ...(stdin === undefined ? {} : { stdin }) }
      const results: RunResult[] = []
      for (const before of [[], [CLI, 'run']]) {
        const running = startProcess(t, execPath, [...before, ...args], options)
        if (signal !== undefined) {
          await running.waitFor(/\[\[/)
          running.kill(signal)
        }
        results.push(await running.exited)
      }
      const [bare, ran] = results as [RunResult, RunResult]
      assert.deepEqual([ran.code, ran.signal, ran.stdout], [bare.code, bare.signal, bare.stdout])
      assert.equal(withoutStack(ran.stderr), withoutStack(bare.stderr))
    })
  }

  for (const serialization of ['json', 'advanced'] as const) {
    test(`Node ${label}: a forked run has its parent's channel, ${serialization}`, async (t) => {
      const folder = temporaryFolder(t, 'run')
      const app = join(folder, 'app.mjs')
      writeFileSync(
        app,
        "process.on('message', (message) => process.send(message, () => process.disconnect())); process.exitCode = 5",
      )
      const child = fork(CLI, ['run', app], { execPath, serialization, env: freshEnvironment(QUIET), execArgv: [] })
      t.after(() => endChild(child))
      const sent = serialization === 'json' ? { text: 'ü', list: [1] } : new Map([['a', 1n]])
      const received: unknown[] = []
      child.on('message', (message) => received.push(message))
      child.send(sent)
      const code = await new Promise((resolve) => child.once('exit', resolve))
      assert.deepEqual([received, code], [[sent], 5])
    })
  }
}

test('its spans arrive, and the process keeps its pid', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const running = startProcess(t, process.execPath, [CLI, 'run', 'node', join(APPS, 'use-own-spans.mjs')], {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  })
  const [, port] = await running.waitFor(/^listening (\d+)$/m)
  await fetch(`http://127.0.0.1:${port}/`)
  const spans = await receiver.waitForSpans((all) => all.length > 0)
  if (process.platform !== 'win32') assert.equal(spans[0]?.resource['process.pid'], running.pid)
  running.kill('SIGTERM')
  const { signal, stderr } = await running.exited
  assert.equal(signal, 'SIGTERM')
  assert.deepEqual(splitStderr(stderr).app, [])
})

test('on an unsupported Node.js, the command line prints one line', async (t) => {
  const old = unsupportedNode()
  if (old === undefined) return t.skip('no older Node here')
  const { code, stdout, stderr } = await startProcess(t, old.execPath, [CLI, 'settings']).exited
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /^paxx-obs: needs Node\.js 22\.15 or newer, this is [\d.]+\n$/)
})

test('run without a script is a usage error', async (t) => {
  const { code, stdout, stderr } = await startProcess(t, process.execPath, [CLI, 'run']).exited
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /^paxx-obs: missing required argument/)
})
