import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { edgeNodeVersions } from '../support/matrix.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { ROOT } from '../support/paths.ts'
import { pause } from '../support/pause.ts'
import { startRawPeer } from '../support/raw-peer.ts'
import { runNode, startNode } from '../support/run-node.ts'
import { splitStderr } from '../support/own-lines.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Ends and children that need somebody outside of the process: a second signal, node's own runners, what a child inherits. */

/** The deadline is for a machine with other work: here nothing may be lost. */
const QUIET = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOG_LEVEL: 'warn', OBS_EXIT_FLUSH_TIMEOUT: '10000' }

function onEachNode(name: string, check: (t: TestContext, execPath: string) => Promise<void>): void {
  test(name, { concurrency: 2 }, async (t) => {
    const rows = edgeNodeVersions().map(({ label, execPath }) => t.test(`Node ${label}`, (row) => check(row, execPath)))
    await Promise.all(rows)
  })
}

onEachNode('a second signal more than a second after the first ends the process at once', async (t, execPath) => {
  const { url } = await startRawPeer(t, 'silent')
  const running = startNode(t, {
    execPath,
    nodeArgsAfter: [
      '-e',
      `require('@opentelemetry/api').trace.getTracer('t').startSpan('s').end()
       setInterval(() => {}, 1000)
       setTimeout(() => console.log('up'), 100)`,
    ],
    env: { ...QUIET, OTEL_EXPORTER_OTLP_ENDPOINT: url, OBS_SIGNAL_FLUSH_TIMEOUT: '100000' },
  })
  await running.waitFor(/up/)
  running.kill('SIGINT')
  await pause(1500, 'a second signal within a second belongs to the first')
  assert.equal(running.child.exitCode ?? running.child.signalCode, null, 'the first signal waits for the collector')
  // A busy process can hear of the first one late: then it takes the second one for the same.
  const sending = setInterval(() => running.kill('SIGINT'), 1500)
  running.kill('SIGINT')
  const secondAt = performance.now()
  assert.equal((await running.exited).signal, 'SIGINT')
  clearInterval(sending)
  assert.ok(performance.now() - secondAt < 60_000)
})

onEachNode('with a deadline of 0 nothing is watched, and a busy loop ends on a signal', async (t, execPath) => {
  const running = startNode(t, {
    execPath,
    nodeArgsAfter: ['-e', `require('fs').writeSync(1, process.listenerCount('SIGTERM') + ' listeners\\n'); for (;;);`],
    env: { ...QUIET, OBS_SIGNAL_FLUSH_TIMEOUT: '0' },
  })
  await running.waitFor(/0 listeners/)
  running.kill('SIGTERM')
  assert.equal((await running.exited).signal, 'SIGTERM')
})

onEachNode('a script that computes from its first line on ends on Ctrl-C', async (t, execPath) => {
  const running = startNode(t, {
    execPath,
    nodeArgsAfter: ['-e', `require('fs').writeSync(1, 'up'); for (;;);`],
    env: QUIET,
  })
  await running.waitFor(/up/)
  running.kill('SIGINT')
  assert.equal((await running.exited).signal, 'SIGINT')
})

onEachNode(
  'the export worker is there before there is a batch, so that an end need not wait for its start',
  async (t, execPath) => {
    const receiver = await OtlpReceiver.start(t)
    const script = `
    require('node:diagnostics_channel').subscribe('worker_threads', () => console.log('a thread'))
    require('@opentelemetry/api').trace.getTracer('t').startSpan('s').end()
    console.log('ended')
    setTimeout(() => console.log('later'), 300)`
    const env = { ...QUIET, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_BSP_SCHEDULE_DELAY: '60000' }
    const { stdout } = await runNode(t, {
      execPath,
      nodeArgsAfter: ['-e', script],
      env,
    })
    assert.equal(stdout, 'ended\na thread\nlater\n')
    assert.equal(receiver.spans.length, 1)
  },
)

const counts = (stdout: string): string[] => stdout.match(/^# (tests|pass|fail) \d+$/gm) ?? []

test('the connection to the collector is opened before there is a batch', async (t) => {
  const peer = await startRawPeer(t, 'silent')
  const script = `require('@opentelemetry/api').trace.getTracer('t').startSpan('s').end(); setInterval(() => {}, 1000)`
  const env = { ...QUIET, OTEL_EXPORTER_OTLP_ENDPOINT: peer.url, OTEL_BSP_SCHEDULE_DELAY: '60000' }
  const running = startNode(t, { nodeArgsAfter: ['-e', script], env })
  await eventually(async () => peer.connections === 1)
  running.kill('SIGKILL')
  assert.equal((await running.exited).stderr, '')
})

onEachNode('node --test: the spans of a test file arrive, and its result is that of bare Node', async (t, execPath) => {
  const folder = temporaryFolder(t, 'node-test')
  writeFileSync(
    join(folder, 'a.test.cjs'),
    `const { trace } = require(${JSON.stringify(join(ROOT, 'node_modules/@opentelemetry/api'))})
     require('node:test')('one', () => trace.getTracer('t').startSpan('in a test').end())
     require('node:test')('two', () => { throw new Error('no') })`,
  )
  const receiver = await OtlpReceiver.start(t)
  const run = (preload: 'none' | 'import') =>
    runNode(t, {
      execPath,
      preload,
      nodeArgsAfter: ['--test', '--test-reporter=tap', folder + '/a.test.cjs'],
      env: { ...QUIET, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl },
    })
  const [bare, ours] = [await run('none'), await run('import')]
  assert.equal(ours.code, bare.code)
  assert.deepEqual(counts(ours.stdout), ['# tests 2', '# pass 1', '# fail 1'])
  assert.deepEqual(counts(bare.stdout), counts(ours.stdout))
  assert.deepEqual(
    receiver.spans.map(({ name }) => name),
    ['in a test'],
  )
})

const watched = (name: string): string => `
    const { trace } = require(${JSON.stringify(join(ROOT, 'node_modules/@opentelemetry/api'))})
    trace.getTracer('t').startSpan('${name}').end()
    console.log('running ${name}')
    setInterval(() => {}, 1000)`

onEachNode('node --watch: each restart delivers its spans', async (t, execPath) => {
  const folder = temporaryFolder(t, 'watch')
  const file = join(folder, 'app.cjs')
  writeFileSync(file, watched('first'))
  const receiver = await OtlpReceiver.start(t)
  const running = startNode(t, {
    execPath,
    app: file,
    nodeArgsAfter: ['--watch'],
    env: { ...QUIET, OBS_SIGNAL_FLUSH_TIMEOUT: '10000', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl },
  })
  await running.waitFor(/running first/)
  const restarted = running.waitFor(/running second/)
  let waitedMs = 1000
  while (!running.stdout.includes('running second')) {
    writeFileSync(file, watched('second'))
    await Promise.race([restarted, pause(waitedMs, 'Node does not say when it begins to watch the file')])
    // A start that takes longer is not to be interrupted by the next change.
    waitedMs *= 2
  }
  await receiver.waitForSpans((spans) => spans.some(({ name }) => name === 'first'))
  // Killed with the test, it would leave the app behind.
  running.kill('SIGTERM')
  await running.exited
})

onEachNode('a child inherits the environment and the open files that it would have had', async (t, execPath) => {
  const receiver = await OtlpReceiver.start(t)
  const script = `
    const { trace } = require('@opentelemetry/api')
    trace.getTracer('t').startSpan('s').end()
    setTimeout(() => {
      const { spawnSync } = require('node:child_process')
      const child = "console.log(JSON.stringify([process.env, require('node:fs').readdirSync('/proc/self/fd').length]))"
      console.log(spawnSync(process.execPath, ['-e', child], { encoding: 'utf8' }).stdout)
    }, 400)`
  const env = { ...QUIET, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_BSP_SCHEDULE_DELAY: '50' }
  const run = (preload: 'none' | 'import') =>
    runNode(t, {
      execPath,
      preload,
      nodeArgsAfter: ['-e', script],
      env,
    })
  const [bare, ours] = [await run('none'), await run('import')]
  assert.deepEqual(JSON.parse(ours.stdout), JSON.parse(bare.stdout))
  assert.deepEqual(splitStderr(ours.stderr).app, [])
  assert.equal(receiver.spans.length, 1)
})
