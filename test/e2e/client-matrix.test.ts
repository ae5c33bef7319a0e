import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, suite, test, type TestContext } from 'node:test'
import { inspect } from 'node:util'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { CURRENT_NODE, type NodeVersion, nodeVersions } from '../support/matrix.ts'
import { ROOT } from '../support/paths.ts'
import { scrape } from '../support/scrape.ts'
import { type ServingApp, startServingApp } from '../support/serving-app.ts'
import { startHrana } from '../support/services/hrana.ts'
import { startHttpPeers } from '../support/services/http-peers.ts'
import { startKafka } from '../support/services/kafka.ts'
import { startMariadb } from '../support/services/mariadb.ts'
import { startMemcached } from '../support/services/memcached.ts'
import { startMongodb } from '../support/services/mongodb.ts'
import { startMosquitto } from '../support/services/mosquitto.ts'
import { startNats } from '../support/services/nats.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startRabbitmq } from '../support/services/rabbitmq.ts'
import { startRedis, startRedisNodes } from '../support/services/redis.ts'
import { startSearchEngine } from '../support/services/search-engine.ts'
import type { Service } from '../support/services/service.ts'
import { eventually } from '../support/eventually.ts'

const MATRIX = join(ROOT, 'test/matrix/databases')

/** The parts of a step's span that are expected; others are not compared. */
interface ExpectedSpan {
  readonly name: string
  /** `error.type`, or several with `|` between, by the version; undefined: the operation succeeds. */
  readonly error?: string
  /** `db.response.status_code`. */
  readonly status?: string
  /** `db.query.text`. */
  readonly text?: string
  readonly kind?: ReceivedSpan['kind']
  /** The name of the parent, where it is not the request. */
  readonly parent?: string
  readonly attributes?: Readonly<Record<string, unknown>>
}

interface Step {
  readonly spans: readonly ExpectedSpan[]
  /** Attributes of all its spans, if they are not the client's. */
  readonly attributes?: Readonly<Record<string, unknown>>
  /** The port, where it is not the service's; null: the client has no server. */
  readonly server?: number | null
  /** The span that is active at a mark, where it is not the request's. */
  readonly marks?: Readonly<Record<string, string>>
  /** The lowest version cannot do it. */
  readonly isNew?: boolean
}

interface Client {
  readonly service?: keyof typeof START
  /** What every span has. */
  readonly attributes: Readonly<Record<string, unknown>>
  /** Names of further spans, which are not counted. */
  readonly beside?: RegExp
  /** Of the packages; default `highest`. */
  readonly folder?: string
  /** Of the lowest versions; default `lowest`. */
  readonly lowest?: string
  /** The npm package, where its name is not the client's. */
  readonly packageName?: string
  /** The client has no server, or no metric of operations. */
  readonly isLocal?: boolean
  readonly isUnmeasured?: boolean
  /** Names of spans that no metric counts. */
  readonly unmeasured?: RegExp
  /** It is run where it is named, or all are. */
  readonly isRare?: boolean
  /** Its spans are internal ones, of work in the process. */
  readonly countsInternal?: boolean
  /** What its operations are measured as; default `db`. */
  readonly measure?: keyof typeof MEASURES
  /** Further settings of the process. */
  readonly env?: Readonly<Record<string, string>>
  /** Further metrics that it has to have. */
  readonly metrics?: readonly string[]
  readonly steps: Readonly<Record<string, Step>>
}

/** Each step waits for this some times. */

/** Whether a folder of packages has one. */
function hasPackage(folder: string, packageName: string): boolean {
  const text = readFileSync(join(MATRIX, folder, 'package.json'), 'utf8')
  return packageName in (JSON.parse(text) as { dependencies: Record<string, string> }).dependencies
}

const START = {
  hrana: startHrana,
  'http-peers': startHttpPeers,
  kafka: startKafka,
  mariadb: startMariadb,
  memcached: startMemcached,
  mongodb: startMongodb,
  mosquitto: startMosquitto,
  nats: startNats,
  // The two generations of its client use the same subjects.
  'nats-server': startNats,
  postgres: startPostgres,
  rabbitmq: startRabbitmq,
  redis: startRedis,
  'redis-cluster': startRedisNodes,
  'search-engine': startSearchEngine,
}

/** With `OBS_TEST_MATRIX` a cell runs on one of them, in turn, and with `OBS_MATRIX=all` on all of them. */
const NODES = nodeVersions().filter(({ label }) => label !== '22')

const services: Partial<Record<string, Service>> = {}
const clients = new Map<string, Client>()
const chosen = process.env['OBS_MATRIX_CLIENT']?.split(',')
/** `all`: lowest and highest versions, both module formats and all Node versions; `diagonal`: each of these on one Node version. */
const MODE = process.env['OBS_MATRIX']
const isAll = MODE === 'all' || MODE === 'diagonal'
for (const file of globSync(join(MATRIX, 'clients/*.mjs'))) {
  const name = basename(file, '.mjs')
  if (chosen?.includes(name) === false) continue
  const client = (await import(file)) as Client
  if (client.isRare !== true || chosen !== undefined || isAll) clients.set(name, client)
}
const skip: string | false = existsSync(join(MATRIX, 'highest/node_modules'))
  ? false
  : 'npm ci --prefix test/matrix/databases/highest'

before(async () => {
  if (skip !== false) return
  const names = [...new Set([...clients.values()].flatMap(({ service }) => service ?? []))]
  const starting = names.map(async (name) => {
    services[name] = await START[name]()
  })
  // Those that have started are stopped, also where another one fails.
  await Promise.allSettled(starting)
  await Promise.all(starting)
})
after(() => Promise.all(Object.values(services).map((service) => service?.stop())))

// They wait most of the time.
suite('clients', { concurrency: 4 }, () => {
  for (const [index, [name, client]] of [...clients].entries()) {
    const formats = isAll ? ['esm', 'cjs'] : [index % 2 === 0 ? 'esm' : 'cjs']
    const { folder = 'highest', lowest = 'lowest', packageName = name } = client
    const folders = [folder, ...(isAll && lowest !== folder && hasPackage(lowest, packageName) ? [lowest] : [])]
    let turn = index
    const nodes = (): readonly NodeVersion[] =>
      MODE === 'all' ? NODES : [NODES[turn++ % NODES.length] ?? CURRENT_NODE]
    // One after the other: they use the same names on one server.
    test(name, { skip }, async (t) => {
      for (const each of folders)
        for (const format of formats)
          for (const { label, execPath } of nodes())
            await t.test(`${each}, ${format}, Node.js ${label}`, (cell) =>
              run(cell, name, client, { folder: each, format, execPath }),
            )
    })
  }
})

interface Cell {
  readonly folder: string
  readonly format: string
  readonly execPath: string
}

async function run(t: TestContext, name: string, client: Client, { folder, format, execPath }: Cell): Promise<void> {
  if (!existsSync(join(MATRIX, folder, 'node_modules')))
    return t.skip(`npm ci --prefix test/matrix/databases/${folder}`)
  const service = client.service === undefined ? undefined : services[client.service]
  if (client.service !== undefined && service === undefined) return t.skip(`${client.service} is not installed`)
  const app = await startServingApp(t, {
    app: join(MATRIX, 'app.mjs'),
    args: [folder, format, name],
    execPath,
    env: {
      ...service?.env,
      ...client.env,
      OTEL_NODE_RESOURCE_DETECTORS: 'none',
    },
  })
  await app.process.waitFor(/metrics on/, 'stderr')
  const measure = MEASURES[client.measure ?? 'db']
  const before = await operationsIn(app, measure)
  const seen: ReceivedSpan[] = []
  for (const [step, expected] of Object.entries(client.steps)) {
    if (expected.isNew === true && folder !== (client.folder ?? 'highest')) continue
    await t.test(step, async () => {
      seen.push(...(await runStep(app, step, expected, client, service)))
    })
  }
  for (const metric of client.metrics ?? [])
    await eventually(async () => (await scrape(app.sidePort)).find(metric).length > 0)
  if (client.isUnmeasured === true) return
  await t.test('the metric of every operation has the labels of its span', async () => {
    const measured = seen.filter((span) => measure.isOf(span) && client.unmeasured?.test(span.name) !== true)
    const expected = tally(measured.map(({ attributes }) => labelsOf(attributes, measure)))
    await eventually(async () => {
      const counts = Object.entries(difference(await operationsIn(app, measure), before))
      const operations = counts.filter(([key]) => client.beside?.test(key.split(' ')[0] as string) !== true)
      assert.deepEqual(Object.fromEntries(operations), expected)
    })
  })
}

async function runStep(
  app: ServingApp,
  step: string,
  expected: Step,
  client: Client,
  service: Service | undefined,
): Promise<ReceivedSpan[]> {
  app.receiver.clear()
  const response = await app.get(`/${encodeURIComponent(step)}`)
  assert.equal(response.status, 200, response.body)
  const isBeside = ({ name, kind }: ReceivedSpan): boolean =>
    (kind === 'internal' && client.countsInternal !== true) || client.beside?.test(name) === true
  const server = (): ReceivedSpan | undefined => app.receiver.spans.find(({ kind }) => kind === 'server')
  const counted = (): ReceivedSpan[] =>
    app.receiver.spans.filter((span) => span.kind !== 'server' && !isBeside(span) && span.traceId === server()?.traceId)
  await app.receiver.waitForSpans(() => server() !== undefined && counted().length >= expected.spans.length)
  // One that is too many is exported before the span of a later request.
  await app.get('/')
  await app.receiver.waitForSpans((all) => all.some(({ attributes }) => attributes['url.path'] === '/'))
  const spans = counted()
  assert.deepEqual(
    spans.map((span) => described(span, expected)).toSorted(),
    expected.spans.map((span) => describedAs(span)).toSorted(),
  )
  const ports = expected.server === undefined ? (service?.ports ?? [service?.port]) : [expected.server]
  const parentOf = (span: ReceivedSpan): string | undefined => {
    const { parent } = expected.spans.find(({ name }) => name === span.name) ?? {}
    const found = app.receiver.spans.find(({ spanId }) => spanId === span.parentSpanId)
    return parent === undefined || found?.name === parent ? found?.spanId : undefined
  }
  for (const span of spans) {
    const isOfOther = expected.spans.some(({ name, parent }) => name === span.name && parent !== undefined)
    assert.equal(span.parentSpanId, isOfOther ? parentOf(span) : server()?.spanId, `the parent of ${span.name}`)
    for (const [key, value] of Object.entries(expected.attributes ?? client.attributes))
      assert.equal(span.attributes[key], value, key)
    if (typeof ports[0] === 'number' && client.isLocal !== true) {
      assert.equal(span.attributes['server.address'], '127.0.0.1', `the server of ${span.name}`)
      assert.ok(ports.includes(Number(span.attributes['server.port'])), `the port of ${span.name}`)
    }
  }
  for (const [label, spanId] of Object.entries(JSON.parse(response.body) as Record<string, string>)) {
    const name = expected.marks?.[label]
    const active = name === undefined ? server() : spans.find((span) => span.name === name)
    assert.equal(spanId, active?.spanId, `the active span ${label}`)
  }
  // However much a command carries: collectors refuse batches of more than 4 MiB.
  for (const { name, attributes } of spans) assert.ok(String(attributes['db.query.text'] ?? '').length <= 16_384, name)
  assert.ok(!app.receiver.requests.some(({ body }) => JSON.stringify(body).includes('secret')), 'a value has left')
  for (const { name, text, kind, attributes = {} } of expected.spans) {
    const all = Object.entries({ ...attributes, ...(text === undefined ? {} : { 'db.query.text': text }) })
    const isOf = (span: ReceivedSpan): boolean =>
      span.name === name &&
      (kind === undefined || span.kind === kind) &&
      all.every(([key, value]) => String(span.attributes[key]) === String(value))
    assert.ok(spans.some(isOf), `${name} with ${JSON.stringify(all)} in ${inspect(spans, { depth: 2 })}`)
  }
  return spans
}

function described({ name, status, attributes }: ReceivedSpan, { spans }: Step): string {
  const code = attributes['db.response.status_code']
  const type = String(attributes['error.type'])
  const isAllowed = (expected: ExpectedSpan): boolean =>
    expected.name === name && expected.error?.split('|').includes(type) === true
  const allowed = spans.find(isAllowed)?.error ?? type
  const failure = status === 'error' ? ` !${allowed}` : ''
  return `${name}${failure}${code === undefined ? '' : ` ${String(code)}`}`
}

function describedAs({ name, error, status }: ExpectedSpan): string {
  return `${name}${error === undefined ? '' : ` !${error}`}${status === undefined ? '' : ` ${status}`}`
}

interface Measure {
  /** Names of histograms. */
  readonly metrics: readonly string[]
  readonly labels: readonly string[]
  readonly isOf: (span: ReceivedSpan) => boolean
}

const MEASURES = {
  db: {
    metrics: ['db_client_operation_duration_seconds'],
    labels: ['db.operation.name', 'db.namespace', 'db.collection.name', 'error.type', 'db.response.status_code'],
    isOf: ({ kind }: ReceivedSpan): boolean => kind === 'client',
  },
  messaging: {
    metrics: ['messaging_client_operation_duration_seconds', 'messaging_process_duration_seconds'],
    labels: ['messaging.operation.name', 'messaging.operation.type', 'messaging.destination.name', 'error.type'],
    isOf: ({ attributes }: ReceivedSpan): boolean => attributes['messaging.operation.type'] !== undefined,
  },
  model: {
    metrics: ['gen_ai_client_operation_duration_seconds'],
    labels: ['gen_ai.operation.name', 'gen_ai.request.model', 'error.type'],
    isOf: ({ attributes }: ReceivedSpan): boolean => attributes['gen_ai.operation.name'] !== undefined,
  },
} satisfies Record<string, Measure>

function labelsOf(attributes: Readonly<Record<string, unknown>>, { labels }: Measure): string {
  // A name that was made up for a moment is in no label.
  const isTemporary = attributes['messaging.destination.temporary'] === true
  const value = (label: string): unknown =>
    isTemporary && label === 'messaging.destination.name'
      ? ''
      : (attributes[label] ?? attributes[label.replaceAll('.', '_')])
  return labels.map((label) => String(value(label) ?? '')).join(' ')
}

async function operationsIn(app: ServingApp, measure: Measure): Promise<Record<string, number>> {
  const scraped = await scrape(app.sidePort)
  const all: Record<string, number> = {}
  for (const { labels, value } of measure.metrics.flatMap((name) => scraped.find(`${name}_count`))) {
    const key = labelsOf(labels, measure)
    all[key] = (all[key] ?? 0) + value
  }
  return all
}

function tally(keys: readonly string[]): Record<string, number> {
  const all: Record<string, number> = {}
  for (const key of keys) all[key] = (all[key] ?? 0) + 1
  return all
}

function difference(now: Record<string, number>, then: Record<string, number>): Record<string, number> {
  const changed = Object.entries(now).map(([key, value]) => [key, value - (then[key] ?? 0)] as const)
  return Object.fromEntries(changed.filter(([, value]) => value > 0))
}
