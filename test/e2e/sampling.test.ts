import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { runNode } from '../support/run-node.ts'
import { startSamplingServer } from '../support/sampling-server.ts'
import { scrape } from '../support/scrape.ts'
import { type ServingApp, startServingApp } from '../support/serving-app.ts'
import { spanTree, traces } from '../support/span-tree.ts'

/** What production wants beside a ratio: errors and slow requests kept, a ceiling, and a bound of memory. */

const RATIO = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }

function kept(spans: readonly ReceivedSpan[], reason: string): ReceivedSpan[] {
  return spans.filter(({ attributes }) => attributes['obs.sampling.kept'] === reason)
}

async function times(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await work()
}

/** Ends the app, so that all it has to say has been said. */
async function ended(app: ServingApp): Promise<readonly ReceivedSpan[]> {
  app.process.kill('SIGTERM')
  await app.process.exited
  return app.receiver.spans
}

test('at a ratio of 10 % every error and every slow request arrives, and a tenth of the rest', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-sampling.mjs',
    env: {
      ...RATIO,
      OBS_TRACES_KEEP: 'errors,slow',
      OBS_TRACES_SLOW_THRESHOLD: '250',
      OBS_SIGNAL_FLUSH_TIMEOUT: '10000',
    },
  })
  await times(150, () => app.get('/ok'))
  await times(20, () => app.get('/fail'))
  await Promise.all(Array.from({ length: 5 }, () => app.get('/slow')))
  const { body: header } = await app.get('/header')
  const figures = await scrape(app.sidePort)
  const spans = await ended(app)

  const of = (path: string) =>
    spans.filter(({ kind, attributes }) => kind === 'server' && attributes['url.path'] === path)
  assert.equal(of('/fail').length, 20)
  assert.equal(of('/slow').length, 5)
  assert.ok(of('/ok').length < 45, `${of('/ok').length} of 150`)
  for (const trace of traces(spans.filter((span) => of('/fail').some(({ traceId }) => traceId === span.traceId)))) {
    assert.equal(spanTree(trace), 'server GET\n└─ internal work of fail')
  }
  // What the ratio took anyway is not marked.
  assert.ok(kept(spans, 'error').length <= 20 && kept(spans, 'error').length > 5)
  assert.equal(figures.sum('obs_sampling_kept_total', { reason: 'error' }), kept(spans, 'error').length)
  assert.equal(figures.sum('obs_sampling_kept_total', { reason: 'slow' }), kept(spans, 'slow').length)
  assert.equal(figures.sum('obs_sampling_lost_spans_total'), 0)
  // The next service hears the decision of the ratio.
  const [, traceId] = header.split('-')
  assert.equal(
    header.endsWith('-01'),
    spans.some((span) => span.traceId === traceId && kept([span], 'slow').length === 0),
  )
})

test('requests that a crash leaves unanswered are kept', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-sampling.mjs',
    env: { OTEL_TRACES_SAMPLER: 'always_off', OBS_TRACES_KEEP: 'errors', OBS_EXIT_FLUSH_TIMEOUT: '10000' },
  })
  await app.get('/ok')
  await app.get('/crash').catch(() => {})
  assert.equal((await app.process.exited).code, 1)
  assert.deepEqual(
    app.receiver.spans.map(({ name }) => name),
    ['work of crash', 'GET'],
  )
})

test("a caller's decision not to sample is propagated, and an error below it is kept", async (t) => {
  const app = await startServingApp(t, { app: 'use-sampling.mjs', env: { OBS_TRACES_KEEP: 'errors' } })
  const left = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' }
  assert.match((await app.get('/header', left)).body, /^00-0af7651916cd43dd8448eb211c80319c-.*-00$/)
  await app.get('/fail', left)
  await app.receiver.waitForSpans(2)
  assert.equal(spanTree(await ended(app)), 'server GET\n└─ internal work of fail')
  assert.equal(app.receiver.spans[1]?.parentSpanId, 'b7ad6b7169203331')
})

test('a burst is limited to a number of traces per second, and errors to as many again', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-sampling.mjs',
    env: { OBS_TRACES_PER_SECOND: '5', OBS_TRACES_KEEP: 'errors' },
  })
  const startedAtMs = performance.now()
  await Promise.all(Array.from({ length: 100 }, () => app.get('/ok')))
  await Promise.all(Array.from({ length: 100 }, () => app.get('/fail')))
  const allowed = 5 + 5 * ((performance.now() - startedAtMs) / 1000)
  const figures = await scrape(app.sidePort)
  const spans = await ended(app)
  const sampled = traces(spans).length - kept(spans, 'error').length
  assert.ok(sampled >= 5 && sampled <= allowed, `${sampled} sampled, ${allowed} allowed`)
  const errors = kept(spans, 'error').length
  assert.ok(errors >= 5 && errors <= allowed, `${errors} kept, ${allowed} allowed`)
  // Each request that was not sampled may still be kept, and counts there again.
  assert.equal(figures.sum('obs_sampling_rate_limited_total', { of: 'sampled' }), 200 - sampled)
  assert.ok(figures.sum('obs_sampling_rate_limited_total', { of: 'kept' }) >= 95 - allowed)
})

test('spans of requests that never end are bounded, counted and logged once', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-sampling.mjs',
    env: { OTEL_TRACES_SAMPLER: 'always_off', OBS_TRACES_KEEP: 'errors', OBS_TRACES_KEEP_MAX_SPANS: '100' },
  })
  for (let i = 0; i < 5; i++) {
    await new Promise<void>((resolve) => {
      const call = request({ host: '127.0.0.1', port: app.port, path: '/spans/40', agent: false }, (response) => {
        response.once('data', () => resolve())
        response.on('error', () => {})
      })
      t.after(() => call.destroy())
      call.end()
    })
  }
  const figures = await scrape(app.sidePort)
  assert.equal(figures.sum('obs_sampling_held_spans'), 82)
  assert.equal(figures.sum('obs_sampling_lost_spans_total', { reason: 'buffer_full' }), 3 * 41)
  assert.equal(app.process.stderr.match(/OBS_TRACES_KEEP: buffer full \(100 spans/g)?.length, 1)
  assert.deepEqual(await ended(app), [])
})

test('none of it is loaded unless a setting requires it', async (t) => {
  const app = await startServingApp(t, { app: 'use-sampling.mjs', env: RATIO })
  await times(20, () => app.get('/fail'))
  const figures = await scrape(app.sidePort)
  assert.equal(figures.sum('otel_sdk_span_started_total', { otel_span_sampling_result: 'RECORD_ONLY' }), 0)
  assert.doesNotMatch(figures.body, /obs_sampling/)
})

for (const side of ['grpc', 'http'] as const) {
  test(`jaeger_remote follows the sampling server's strategy over ${side}`, async (t) => {
    let rate = 0
    const asked = new Set<string>()
    const server = await startSamplingServer(t, (serviceName) => {
      asked.add(serviceName)
      return { probabilisticSampling: { samplingRate: rate } }
    })
    const app = await startServingApp(t, {
      app: 'use-sampling.mjs',
      env: {
        OTEL_SERVICE_NAME: 'shop',
        OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote',
        OTEL_TRACES_SAMPLER_ARG: `endpoint=${server[side]},pollingIntervalMs=20,initialSamplingRate=1`,
      },
    })
    const isSampled = async (): Promise<boolean> => (await app.get('/header')).body.endsWith('-01')
    await eventually(async () => !(await isSampled()))
    rate = 1
    await eventually(isSampled)
    assert.deepEqual([...asked], ['shop'])
  })
}

test("jaeger_remote: the sampling server's strategy reaches worker threads", async (t) => {
  const server = await startSamplingServer(t, () => ({ probabilisticSampling: { samplingRate: 1 } }))
  const app = await startServingApp(t, {
    app: 'use-thread-server.mjs',
    env: {
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: `endpoint=${server.grpc},pollingIntervalMs=20,initialSamplingRate=0`,
    },
  })
  await eventually(async () => {
    await app.get('/users/7')
    return app.receiver.spans.length > 0
  })
})

test('an unreachable sampling server is logged in one line, and the initial rate is used', async (t) => {
  const app = await startServingApp(t, {
    app: 'use-sampling.mjs',
    env: {
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: `endpoint=http://127.0.0.1:${await freePort()},pollingIntervalMs=20,initialSamplingRate=0`,
    },
  })
  await app.process.waitFor(
    /could not get a sampling strategy from .* \(.*ECONNREFUSED.*\); sampling 0 % of the traces until there is one/,
    'stderr',
  )
  assert.match((await app.get('/header')).body, /-00$/)
  assert.equal(app.process.stderr.match(/could not get a sampling strategy/g)?.length, 1)
})

test('polling for strategies does not keep the process alive', async (t) => {
  const { code } = await runNode(t, {
    app: 'use-settings.cjs',
    args: ['0', '300'],
    env: {
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: 'endpoint=http://127.0.0.1:1,pollingIntervalMs=50',
    },
  })
  assert.equal(code, 0)
})
