import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { edgeNodeVersions } from '../support/matrix.ts'
import type { NodeVersion } from '../support/matrix.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'
import { splitStderr } from '../support/own-lines.ts'
import { runNode, startNode } from '../support/run-node.ts'
import type { NodeOptions } from '../support/run-node.ts'
import { scrape } from '../support/scrape.ts'
import type { Scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'

/** Worker threads of the app: their spans arrive, and nothing of what the app does with them is different. */
interface Shape {
  /** The number of spans of each thread that has some. */
  readonly spans: readonly number[]
  /** It ends the process, or what it does to the process shows in shapes that follow. */
  readonly isAlone?: true
}

const SHAPES: Readonly<Record<string, Shape>> = {
  'a file': { spans: [3] },
  'eval: true': { spans: [3] },
  // Nothing reaches it but what NODE_OPTIONS brings.
  'execArgv: []': { spans: [] },
  'execArgv of its own': { spans: [3] },
  'env: SHARE_ENV': { spans: [3] },
  'env of its own': { spans: [3] },
  'env that switches off': { spans: [] },
  resourceLimits: { spans: [3] },
  'stdio of its own': { spans: [3] },
  'process.exit() at once': { spans: [3] },
  'process.exit() later': { spans: [3] },
  'a span in its exit listener': { spans: [4] },
  'an exception': { spans: [3], isAlone: true },
  'a rejection': { spans: [3], isAlone: true },
  'terminate()': { spans: [3] },
  'terminate() while it waits': { spans: [3] },
  'the end of the process': { spans: [3], isAlone: true },
  'unref()': { spans: [3], isAlone: true },
  'a thread of a thread': { spans: [3, 3] },
  'many at once': { spans: [3, 3, 3, 3, 3, 3] },
  'a flush': { spans: [3] },
  'one that loads nothing': { spans: [] },
  'what can be heard': { spans: [3], isAlone: true },
}

const ALONE = Object.keys(SHAPES).filter((shape) => SHAPES[shape]?.isAlone)
const ONE_AFTER_THE_OTHER = Object.keys(SHAPES).filter((shape) => !ALONE.includes(shape))

let receiver: OtlpReceiver
before(async () => {
  receiver = await OtlpReceiver.start(undefined)
})
after(() => receiver.close())

for (const node of edgeNodeVersions()) {
  test(`Node ${node.label}: a server in a worker thread is instrumented as in the main thread`, async (t) => {
    const app = await startServingApp(t, { execPath: node.execPath, app: 'use-thread-server.mjs' })
    await app.get('/users/7')
    const spans = await app.receiver.waitForSpans((all) => all.some(({ kind }) => kind === 'server'))
    const server = spans.find(({ kind }) => kind === 'server')
    assert.equal(server?.attributes['http.route'], '/users/:id')
    // On older versions node's own thread for module hooks is the first.
    const threads = new Set(spans.map(({ attributes }) => attributes['thread.id']))
    assert.ok(threads.size === 1 && (threads.has(1) || threads.has(2)), [...threads].join())
    await Promise.all(Array.from({ length: 20 }, (_, user) => app.get(`/users/${user}`)))
    const route = { endpoint: '/users/:id', status: '200' }
    // A request is counted when its response is gone, which its client may know earlier.
    const metrics = await scrapeUntil(app.sidePort, (scraped) => scraped.sum('http_requests_total', route) >= 21)
    assert.equal(metrics.sum('http_requests_total', route), 21)
    assert.equal(metrics.sum('http_server_request_duration_seconds_count'), 21)
    assert.equal(metrics.find('process_start_time_seconds').length, 1)
  })

  test(`Node ${node.label}: worker threads`, { concurrency: 3 }, async (t) => {
    await Promise.all(
      [ONE_AFTER_THE_OTHER, ...ALONE.map((shape) => [shape])].map((shapes) =>
        t.test(shapes.length === 1 ? String(shapes[0]) : 'shapes that end by themselves', async (row) => {
          // Node runs what `--import` names in every thread but one of `eval: true` (of CommonJS).
          const options = { app: 'use-threads.mjs', args: shapes, preload: 'require' } as const
          const spans = await spansOfThreads(row, node, `${node.label} ${shapes[0]}`, options)
          assert.deepEqual(
            spans,
            shapes.flatMap((shape) => SHAPES[shape]?.spans ?? []),
          )
        }),
      ),
    )
  })
}

test('--import applies to threads that are files', async (t) => {
  const [node] = edgeNodeVersions()
  assert.ok(node)
  const spansOf = (shape: string): Promise<number> =>
    spansOfBoth(t, node, `${shape} by --import`, { app: 'use-threads.mjs', args: [shape] })
  assert.equal(await spansOf('a file'), 3)
  assert.equal(await spansOf('eval: true'), 0)
})

test('NODE_OPTIONS applies to threads without flags of their own, but not to our export worker', async (t) => {
  const [node] = edgeNodeVersions()
  assert.ok(node)
  const options = { app: 'use-threads.mjs', args: ['execArgv: []'], preload: 'NODE_OPTIONS require' } as const
  assert.equal(await spansOfBoth(t, node, 'by NODE_OPTIONS', options), 3)
})

const PUSHES: readonly { temporality: string; histograms: string; counted: 'last' | 'all' }[] = [
  { temporality: 'cumulative', histograms: 'explicit_bucket_histogram', counted: 'last' },
  { temporality: 'delta', histograms: 'explicit_bucket_histogram', counted: 'all' },
  { temporality: 'lowmemory', histograms: 'base2_exponential_bucket_histogram', counted: 'all' },
]

for (const { temporality, histograms, counted } of PUSHES) {
  test(`${temporality} pushes contain a thread's measurements exactly once`, async (t) => {
    const app = await startServingApp(t, {
      app: 'use-thread-server.mjs',
      env: {
        OTEL_METRICS_EXPORTER: 'otlp,prometheus',
        OTEL_METRIC_EXPORT_INTERVAL: '100',
        // Long enough that none is sent twice: what the collector took and did not confirm in time would be.
        OTEL_METRIC_EXPORT_TIMEOUT: '20000',
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality,
        OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: histograms,
      },
    })
    const { metrics } = app.receiver
    const requests = (): number => {
      const pushed = metrics.filter(({ name }) => name === 'http.server.request.duration')
      const all = counted === 'last' ? pushed.slice(-1) : pushed
      return all.flatMap(({ points }) => points).reduce((sum, { count }) => sum + count, 0)
    }
    for (let round = 1; round <= 3; round++) {
      for (let user = 0; user < 5; user++) await app.get(`/users/${user}`)
      await app.receiver.waitUntil(() => requests() === 5 * round)
    }
    // The side port has them in its own shape, and they do not take them from one another.
    assert.equal((await scrape(app.sidePort)).sum('http_server_request_duration_seconds_count'), 15)
    const pushes = metrics.length
    await app.receiver.waitUntil(() => metrics.length > pushes + 30)
    assert.equal(requests(), 15)
    const type = histograms === 'explicit_bucket_histogram' ? 'histogram' : 'exponentialHistogram'
    const duration = metrics.findLast(({ name }) => name === 'http.server.request.duration')
    assert.deepEqual([duration?.type, duration?.points.length], [type, 1])
    app.process.kill('SIGTERM')
    await app.process.exited
    assert.equal(requests(), 15)
  })
}

test("one scrape has heap and garbage collection of all threads, and each thread's own event loop apart", async (t) => {
  const app = await startServingApp(t, { app: 'use-thread-server.mjs' })
  const found = await scrapeUntil(
    app.sidePort,
    (scraped) => scraped.find('nodejs_eventloop_delay_p99_seconds', { thread: '0' }).length > 0,
  )
  for (const name of ['nodejs_eventloop_utilization_ratio', 'nodejs_eventloop_delay_p99_seconds']) {
    assert.deepEqual(
      found.find(name).map(({ labels }) => labels['thread']),
      [undefined, '0'],
      name,
    )
  }
  const heaps = found.find('v8js_memory_heap_used_bytes', { v8js_heap_space_name: 'old_space' })
  const [main] = found.find('nodejs_heap_size_used_bytes')
  assert.equal(heaps.length, 1)
  assert.ok(found.sum('v8js_memory_heap_used_bytes') > 1.3 * (main?.value ?? Infinity), 'of both')
})

const TASKS = 300
const tasksDone = (scraped: Scrape): number => scraped.sum('tasks_done_total')
const PATIENCE_MS = 60_000

for (const pool of ['piscina', 'tinypool']) {
  test(`${pool}: each task of the pool has its span`, async (t) => {
    const [node] = edgeNodeVersions()
    assert.ok(node)
    const options = { app: 'use-pool.mjs', args: [pool, String(TASKS)] }
    assert.equal(await spansOfBoth(t, node, pool, options, 'pool'), TASKS)
  })
}

for (const pool of ['piscina', 'tinypool']) {
  test(`${pool}: one scrape has the counts of all threads, including ended ones`, async (t) => {
    const sidePort = await freePort()
    const running = startNode(t, {
      app: 'use-pool.mjs',
      args: [pool, String(TASKS), 'waits'],
      timeoutMs: 3 * PATIENCE_MS,
      env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(sidePort), OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl },
    })
    // A thread that the machine gives no turn before the deadline is shown as it last was.
    const counted = async (): Promise<number> =>
      tasksDone(await scrapeUntil(sidePort, (scraped) => tasksDone(scraped) >= TASKS))
    await running.waitFor(/metrics on/, 'stderr', PATIENCE_MS)
    await running.waitFor(/^sum/m, 'stdout', PATIENCE_MS)
    assert.equal(await counted(), TASKS)
    running.kill('SIGUSR2')
    await running.waitFor(/^destroyed/m, 'stdout', PATIENCE_MS)
    assert.equal(await counted(), TASKS)
  })
}

/** Scrapes until the predicate holds, and returns that scrape. */
function scrapeUntil(port: number, satisfied: (scraped: Scrape) => boolean): Promise<Scrape> {
  return eventually(async () => {
    const scraped = await scrape(port)
    return satisfied(scraped) && scraped
  })
}

/** Returns how many spans of its threads arrived. */
async function spansOfBoth(...run: Parameters<typeof spansOfThreads>): Promise<number> {
  return (await spansOfThreads(...run)).reduce((sum, count) => sum + count, 0)
}

/**
 * Runs it with and without the preload, and compares. Returns how many spans arrived of each thread that has some, in the order in
 * which the threads were made.
 */
async function spansOfThreads(
  t: TestContext,
  node: NodeVersion,
  service: string,
  options: NodeOptions,
  ofScope = 'threads',
): Promise<number[]> {
  const { execPath } = node
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
    OTEL_SERVICE_NAME: service,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOG_LEVEL: 'warn',
    OBS_EXIT_FLUSH_TIMEOUT: '10000',
  }
  const [bare, ours] = await Promise.all([
    runNode(t, { ...options, execPath, env, preload: 'none' }),
    runNode(t, { ...options, execPath, env }),
  ])
  assert.deepEqual([ours.code, ours.signal, ours.stdout], [bare.code, bare.signal, bare.stdout])
  assert.deepEqual(splitStderr(ours.stderr), { own: [], app: splitStderr(bare.stderr).app })
  const arrived = receiver.spans.filter(({ resource }) => resource['service.name'] === service)
  assert.equal(new Set(arrived.map(({ resource }) => resource['service.instance.id'])).size, arrived.length > 0 ? 1 : 0)
  const counts = new Map<number, number>()
  for (const { scope, attributes } of arrived) {
    const thread = Number(attributes['thread.id'])
    if (scope === ofScope) counts.set(thread, (counts.get(thread) ?? 0) + 1)
  }
  return [...counts].toSorted(([a], [b]) => a - b).map(([, count]) => count)
}
