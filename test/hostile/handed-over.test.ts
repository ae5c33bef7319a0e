import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { runNode } from '../support/run-node.ts'
import type { RunResult } from '../support/running-process.ts'

/** Whatever the app hands to telemetry, and whatever that does: the app's output and its end are those of the bare app. */
const APPS = join(import.meta.dirname, 'apps')

/** Of an SDK that the app registers: it calls them itself. */
const OF_AN_SDK = ['sampler', 'span processor', 'exporter', 'id generator', 'resource', 'propagator'] as const
/** Of what the bare API does not look at. */
const OF_THE_API = [
  'baggage',
  'current span',
  'context of a parent',
  'trace state',
  'context',
  'attributes',
  'an attribute',
  'links',
  'a start time',
  'later attributes',
  'an exception',
] as const

const ROWS = [
  ...OF_AN_SDK.flatMap((part) => (['exits', 'throws'] as const).map((does) => ({ part, does }))),
  ...(['kills', 'never'] as const).map((does) => ({ part: 'span processor', does })),
  ...(['throws', 'never'] as const).map((does) => ({ part: OF_THE_API.join(), does })),
]

const outcomeOf = ({ code, signal, stdout }: RunResult): object => ({ end: code ?? signal, stdout })

for (const { part, does } of ROWS) {
  test(`${part.includes(',') ? 'what spans are made of' : part} of the app that ${does}: the process behaves as bare, and its spans are exported`, async (t) => {
    const run = { app: join(APPS, 'hostile-parts.mjs'), args: [part, does] }
    const receiver = await OtlpReceiver.start(t)
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_METRICS_EXPORTER: 'none',
      OBS_EXIT_FLUSH_TIMEOUT: '20000',
      OBS_SIGNAL_FLUSH_TIMEOUT: '20000',
    }
    const [bare, result] = await Promise.all([runNode(t, { ...run, preload: 'none' }), runNode(t, { ...run, env })])
    assert.deepEqual(outcomeOf(result), outcomeOf(bare), result.stderr)
    const paths = receiver.spans.map(({ attributes }) => attributes['url.path'])
    assert.ok(paths.includes('/before'), `${paths.join()}\n${result.stderr}`)
    if (bare.stdout.includes('end\n')) assert.ok(paths.includes('/after'), `${paths.join()}\n${result.stderr}`)
  })
}

const PLACES = [
  'loading',
  'its class',
  'its exports',
  'its name',
  'its enable',
  'its tracer provider',
  'its definitions',
  'its patch',
  'a patch that cannot be replaced',
] as const

async function withInstrumentation(
  t: TestContext,
  where: string,
  does: string,
): Promise<RunResult & { spans: number }> {
  const receiver = await OtlpReceiver.start(t)
  const result = await runNode(t, {
    app: 'use-end.mjs',
    args: ['natural'],
    env: {
      WHERE: where,
      DOES: does,
      OBS_INSTRUMENTATIONS: join(APPS, 'hostile-instrumentation.cjs'),
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_METRICS_EXPORTER: 'none',
      OBS_EXIT_FLUSH_TIMEOUT: '20000',
    },
  })
  return { ...result, spans: receiver.spans.length }
}

for (const where of PLACES) {
  test(`an instrumentation of the app that throws at ${where}: the app runs and is traced, and one line says so`, async (t) => {
    const { code, spans, stderr } = await withInstrumentation(t, where, 'throws')
    assert.equal(code, 0, stderr)
    assert.ok(spans > 0, stderr)
    if (where !== 'a patch that cannot be replaced')
      assert.match(stderr, /by the app.*(?:ignored|not instrumented|could not)/)
  })
}

test('an instrumentation of the app that ends the process: it ends so', async (t) => {
  for (const where of ['loading', 'its enable']) {
    const { code, stderr } = await withInstrumentation(t, where, 'exits')
    assert.equal(code, 4, stderr)
  }
})
