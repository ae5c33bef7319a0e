import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { runNode } from '../support/run-node.ts'
import { startServingApp, type ServingApp } from '../support/serving-app.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const FORMATS = ['cjs', 'mjs'] as const
const LOGGERS = ['pino', 'bunyan', 'winston']

type Line = Record<string, unknown>

async function askedApp(t: TestContext, format: string, env: Record<string, string> = {}): Promise<ServingApp> {
  const app = await startServingApp(t, { app: `use-logs.${format}`, env })
  assert.equal((await app.get('/')).status, 200)
  await app.receiver.waitForSpans(1)
  return app
}

/** What the loggers wrote, by logger and text. */
function written({ process }: ServingApp): Line[] {
  return process.stdout
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line) as Line)
}

for (const format of FORMATS) {
  test(`${format}: records have the trace's ids even if none is exported, and console is not changed`, async (t) => {
    const app = await askedApp(t, format)
    const [span] = app.receiver.spans
    const lines = written(app)
    for (const logger of LOGGERS) {
      const line = lines.find((each) => each['logger'] === logger && each['order'] === 7)
      assert.deepEqual([line?.['trace_id'], line?.['span_id']], [span?.traceId, span?.spanId], logger)
      assert.ok(
        lines.some((each) => each['logger'] === logger && each['trace_id'] === 'own'),
        `${logger} keeps the app's own field`,
      )
    }
    assert.equal(lines.find(({ msg }) => msg === 'outside')?.['trace_id'], undefined)
    assert.match(app.process.stdout, /^console writes$/m)
    assert.equal(app.receiver.logs.length, 0)
    assert.deepEqual(splitStderr(app.process.stderr).app, ['{"logger":"console"}'])
  })

  test(`${format}: OTEL_LOGS_EXPORTER=otlp exports all of them, for winston without a transport in the app`, async (t) => {
    const app = await askedApp(t, format, { OTEL_LOGS_EXPORTER: 'otlp', OBS_CONSOLE_LOGS: 'correlate,export' })
    await app.get('/end').catch(() => {})
    assert.equal((await app.process.exited).code, 3)
    const { logs } = app.receiver
    const span = app.receiver.spans.find(({ attributes }) => attributes['url.path'] === '/')
    for (const logger of LOGGERS) {
      const record = logs.find(
        ({ attributes, traceId }) => attributes['logger'] === logger && traceId === span?.traceId,
      )
      assert.deepEqual(
        [record?.body, record?.attributes['order'], record?.spanId],
        ['in a request', 7, span?.spanId],
        logger,
      )
      assert.match(record?.severity ?? '', /warn/i)
    }
    assert.equal(logs.filter(({ body }) => body === 'last').length, 50)
    assert.equal(logs.filter(({ body }) => body === 'the very last').length, 1)
    const ofConsole = logs.filter(({ scope, traceId }) => scope === '@paxx/obs/console' && traceId === span?.traceId)
    assert.deepEqual(
      ofConsole.map(({ body, severity }) => [body, severity]),
      [
        ['console writes', 'info'],
        ['{"logger":"console"}', 'error'],
        ['done { order: 7 }', 'info'],
      ],
    )
    const ids = `trace_id=${span?.traceId} span_id=${span?.spanId}`
    assert.match(app.process.stdout, new RegExp(`^console writes ${ids}$`, 'm'))
    assert.match(app.process.stdout, /^done \{ order: 7 \}$/m)
    const [json = ''] = splitStderr(app.process.stderr).app
    assert.deepEqual(JSON.parse(json), { logger: 'console', trace_id: span?.traceId, span_id: span?.spanId })
  })
}

test('pino with transports, in the main thread and in a worker thread: each record once, to its files and to the collector', async (t) => {
  const folder = temporaryFolder(t, 'logs')
  const receiver = await OtlpReceiver.start(t)
  const env = {
    OTEL_LOGS_EXPORTER: 'otlp',
    OBS_CONSOLE_LOGS: 'correlate,export',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOG_LEVEL: 'warn',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    OBS_EXIT_FLUSH_TIMEOUT: '10000',
  }
  const { code, stdout, stderr } = await runNode(t, { app: 'use-transports.cjs', args: [folder], env })
  assert.deepEqual([code, stderr], [0, ''])
  const traceIds = receiver.spans.map(({ traceId }) => traceId)
  for (const traceId of traceIds) assert.match(stdout, new RegExp(`^console trace_id=${traceId} `, 'm'))
  assert.equal(new Set(traceIds).size, 2)
  for (const thread of ['main', 'thread']) {
    const lines = ['all', 'errors', 'one'].map((name) =>
      readFileSync(join(folder, `${thread}.${name}`), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
    )
    assert.deepEqual(
      lines.map((all) => all.map(({ msg }) => msg)),
      [['info', 'error'], ['error'], ['warn']],
    )
    for (const { trace_id: traceId } of lines.flat()) assert.ok(traceIds.includes(String(traceId)), thread)
  }
  const sent = receiver.logs.map(
    ({ severity, body, traceId }) => `${severity} ${body} ${traceIds.indexOf(traceId ?? '')}`,
  )
  assert.deepEqual(sent.toSorted(), [
    'error error 0',
    'error error 1',
    'info console 0',
    'info console 1',
    'info info 0',
    'info info 1',
    'warn warn 0',
    'warn warn 1',
  ])
})
