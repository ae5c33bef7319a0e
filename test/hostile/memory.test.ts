import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { runNode } from '../support/run-node.ts'
import { startServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'

const APPS = join(import.meta.dirname, 'apps')

test('the export worker runs out of memory: the app keeps serving, one line reports the losses, and export continues', async (t) => {
  const app = await startServingApp(t, {
    app: join(APPS, 'serving.mjs'),
    nodeArgs: ['--require', join(APPS, 'first-worker.cjs')],
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '20' },
    receiver: { reply: () => ({ kind: 'never' }) },
  })
  let served = 0
  const request = async (): Promise<void> => {
    assert.equal((await app.get(`/${'x'.repeat(4000)}`)).status, 200)
    served += 1
  }
  await eventually(async () => {
    await request()
    return app.process.stdout.includes('worker: ERR_WORKER_OUT_OF_MEMORY')
  }, 20_000)
  await app.process.waitFor(/the export worker exited \(.*out of memory\); \d+ items dropped/, 'stderr')
  const lines = app.process.stderr.match(/export worker exited/g)
  assert.equal(lines?.length, 1)
  // The next worker comes five seconds after the first.
  const before = app.receiver.requests.length
  await eventually(async () => {
    await request()
    return app.receiver.requests.length > before
  }, 20_000)
  app.process.kill('SIGTERM')
  const { signal } = await app.process.exited
  assert.equal(signal, 'SIGTERM')
  assert.ok(served > 10)
})

interface Large {
  readonly protocol: 'http/protobuf' | 'http/json'
  readonly how: 'together' | 'apart'
  readonly collector: 'takes all' | 'takes nothing' | 'never answers'
}

const LARGE: readonly Large[] = [
  { protocol: 'http/protobuf', how: 'together', collector: 'takes nothing' },
  { protocol: 'http/protobuf', how: 'apart', collector: 'never answers' },
  { protocol: 'http/json', how: 'together', collector: 'takes all' },
]

/** Of the whole process, over what it has before. It was 1.2 GB, of which 600 to 970 MB stayed. */
const MAX_PEAK_MIB = 400
const MAX_AFTER_MIB = 300

async function startCollector(t: TestContext, collector: Large['collector']): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (collector !== 'never answers') response.writeHead(collector === 'takes all' ? 200 : 503).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

for (const { protocol, how, collector } of LARGE) {
  test(`400 spans of 0.9 MiB, ended ${how}, over ${protocol}, to a collector that ${collector}: memory is bounded`, async (t) => {
    const { stdout, stderr } = await runNode(t, {
      app: join(APPS, 'large-spans.mjs'),
      args: [how],
      nodeArgs: ['--expose-gc'],
      env: {
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_ENDPOINT: await startCollector(t, collector),
        OTEL_METRICS_EXPORTER: 'none',
        OBS_EXIT_FLUSH_TIMEOUT: '1000',
      },
    })
    const { before, peak, after, external } = JSON.parse(stdout) as Record<string, number>
    const figures = `${stdout}${stderr}`
    assert.ok(Number(peak) - Number(before) < MAX_PEAK_MIB, figures)
    assert.ok(Number(after) - Number(before) < MAX_AFTER_MIB, figures)
    // What waits, the batch that is being sent, and the one that is being filled.
    assert.ok(Number(external) < 32 * 3, figures)
    if (how === 'together') assert.match(stderr, /traces: \d+ spans dropped, the queue is full \(33554432 bytes\)/)
  })
}
