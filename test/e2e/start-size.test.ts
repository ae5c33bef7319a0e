import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { freePort } from '../support/free-port.ts'
import { runNode } from '../support/run-node.ts'

/** What is loaded is what a start costs: each file a third of a millisecond, each 100 kB another. Time itself is too noisy to test. */
const MAX_FILES = 17
const MAX_BYTES = 525_000

test('a server with everything at its defaults loads few files of ours, of few bytes', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const { stdout } = await runNode(t, {
    app: 'use-loaded-files.cjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) },
  })
  const loaded = JSON.parse(stdout) as { files: string[]; node: string[] }
  const files = loaded.files.map((file) => ({ name: basename(file), bytes: statSync(file).size }))
  const listed = files.map(({ name, bytes }) => `${name} ${bytes}`).join('\n')
  assert.ok(
    files.some(({ name }) => name === 'sideport-server.cjs'),
    listed,
  )
  assert.ok(files.length <= MAX_FILES, listed)
  assert.ok(files.reduce((sum, { bytes }) => sum + bytes, 0) <= MAX_BYTES, listed)
  // With it come a dozen more, the one for reading lines among them.
  assert.ok(!loaded.node.includes('NativeModule fs/promises'))
})

/** The app waits for these. All others are loaded with the first request, or when the app has started. */
const MAX_FILES_BEFORE_LISTENING = 9
const MAX_BYTES_BEFORE_LISTENING = 245_000

test('a server loads the SDK with its first request, not before it listens', async (t) => {
  const receiver = await OtlpReceiver.start(t)
  const { stdout } = await runNode(t, {
    app: 'use-files-before-listening.cjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl, OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
  })
  const { listening, served } = JSON.parse(stdout) as { listening: string[]; served: string[] }
  const files = listening.map((file) => ({ name: basename(file), bytes: statSync(file).size }))
  const listed = files.map(({ name, bytes }) => `${name} ${bytes}`).join('\n')
  assert.ok(files.every(({ name }) => !/sdk|settings/.test(name)) && served.includes('sdk-stages.cjs'), listed)
  assert.ok(files.length <= MAX_FILES_BEFORE_LISTENING, listed)
  assert.ok(files.reduce((sum, { bytes }) => sum + bytes, 0) <= MAX_BYTES_BEFORE_LISTENING, listed)
  // Both spans of the first request are there.
  assert.equal(receiver.spans.length, 2)
})

/** Of a script that neither serves, nor connects, nor makes a span: it has the hooks and the decision alone. */
const MAX_SCRIPT_FILES = 1
const MAX_SCRIPT_BYTES = 37_500
/** Each brings a dozen others. */
const NOT_FOR_A_SCRIPT = [
  'crypto',
  'net',
  'stream',
  'perf_hooks',
  'vm',
  'http',
  'child_process',
  'worker_threads',
  'fs/promises',
  'zlib',
]

test('a script that uses nothing loads less, and none of the large modules of Node', async (t) => {
  const { stdout } = await runNode(t, {
    app: 'use-nothing.cjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
  })
  const loaded = JSON.parse(stdout) as { files: string[]; node: string[] }
  const files = loaded.files.map((file) => ({ name: basename(file), bytes: statSync(file).size }))
  const listed = files.map(({ name, bytes }) => `${name} ${bytes}`).join('\n')
  assert.ok(files.length > 0 && files.length <= MAX_SCRIPT_FILES, listed)
  assert.ok(files.reduce((sum, { bytes }) => sum + bytes, 0) <= MAX_SCRIPT_BYTES, listed)
  const bare = await runNode(t, { app: 'use-nothing.cjs', preload: 'none' })
  const { node } = JSON.parse(bare.stdout) as { node: string[] }
  const added = new Set(loaded.node.filter((name) => !node.includes(name)))
  assert.deepEqual(
    NOT_FOR_A_SCRIPT.filter((name) => added.has(`NativeModule ${name}`)),
    [],
  )
})

const MAX_THREAD_BYTES = 40_000

test('a worker thread that uses nothing loads two files of ours', async (t) => {
  const { stdout } = await runNode(t, {
    app: 'use-nothing-in-thread.cjs',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
  })
  const files = (JSON.parse(stdout) as string[]).map((file) => ({ name: basename(file), bytes: statSync(file).size }))
  assert.deepEqual(files.map(({ name }) => name).toSorted(), ['start-in-thread.cjs', 'start.cjs'])
  assert.ok(files.reduce((sum, { bytes }) => sum + bytes, 0) <= MAX_THREAD_BYTES, JSON.stringify(files))
})

test('an ES module that imports an instrumented package and exports no traces does not load worker_threads', async (t) => {
  const { stdout } = await runNode(t, {
    app: 'use-import.mjs',
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
  })
  assert.equal(stdout, 'false\n')
})
