import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ReceivedSpan } from '../support/otlp-decode.ts'
import { scrape } from '../support/scrape.ts'
import type { Sample, Scrape } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { startMariadb } from '../support/services/mariadb.ts'
import { startMemcached } from '../support/services/memcached.ts'
import { startMongodb } from '../support/services/mongodb.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startRedis, startRedisCluster } from '../support/services/redis.ts'
import type { Service } from '../support/services/service.ts'
import { eventually } from '../support/eventually.ts'

/** What each client of test/apps/use-databases.mjs does: operation, namespace, collection and error, and how often. */
interface Client {
  readonly service: keyof typeof START
  readonly system: string
  readonly operations: Readonly<Record<string, number>>
  /** What the client does of its own accord, which differs from version to version. */
  readonly beside?: RegExp
}

const START = {
  mariadb: startMariadb,
  memcached: startMemcached,
  mongodb: startMongodb,
  postgres: startPostgres,
  redis: startRedis,
}

const CLIENTS: Readonly<Record<string, Client>> = {
  mysql: {
    service: 'mariadb',
    system: 'mysql',
    operations: { 'SELECT mysql': 2, 'SHOW mysql': 1, 'UPDATE mysql !ER_NO_SUCH_TABLE': 1 },
  },
  mysql2: {
    service: 'mariadb',
    system: 'mysql',
    operations: { 'SELECT mysql': 3, 'DELETE mysql !ER_NO_SUCH_TABLE': 1 },
  },
  mongodb: {
    service: 'mongodb',
    system: 'mongodb',
    operations: { 'insert test items': 1, 'find test items': 1, 'noSuchCommand test !CommandNotFound': 1 },
    beside: /^endSessions/,
  },
  ioredis: {
    service: 'redis',
    system: 'redis',
    operations: {
      'set 0': 1,
      'PIPELINE get 0': 1,
      'PIPELINE incr 0 !ReplyError': 1,
      'multi 0': 1,
      'MULTI get 0': 1,
      'exec 0': 1,
      'lpush 0 !ReplyError': 1,
      '_OTHER 0 !ReplyError': 1,
      'quit 0': 1,
    },
    beside: /^(?:hello|client|info)/,
  },
  redis: {
    service: 'redis',
    system: 'redis',
    operations: { 'SET 0': 1, 'GET 0': 1, 'MULTI GET 0': 1, 'MULTI SET 0': 1, 'LPUSH 0 !SimpleError': 1 },
    beside: /^(?:HELLO|CLIENT)/,
  },
  memcached: { service: 'memcached', system: 'memcached', operations: { set: 1, get: 1, 'incr !Error': 1 } },
  pg: {
    service: 'postgres',
    system: 'postgresql',
    operations: { 'SELECT postgres': 3, 'SELECT postgres !42P01': 1 },
  },
}

const services: Partial<Record<Client['service'], Service>> = {}

before(async () => {
  const names = Object.keys(START) as Client['service'][]
  const started = await Promise.all(names.map((name) => START[name]()))
  for (const [index, service] of started.entries()) {
    if (service !== undefined) services[names[index] as Client['service']] = service
  }
})
after(() => Promise.all(Object.values(services).map((service) => service.stop())))

for (const sampler of ['always_on', 'always_off']) {
  test(`operations of databases are measured, with the sampler ${sampler}`, async (t) => {
    const env = Object.assign({}, ...Object.values(services).map((service) => service.env))
    const app = await startServingApp(t, { app: 'use-databases.mjs', env: { ...env, OTEL_TRACES_SAMPLER: sampler } })
    await app.process.waitFor(/metrics on/, 'stderr')
    const before: Record<string, Map<string, number>> = {}
    for (const [name, { service, system, operations, beside }] of Object.entries(CLIENTS)) {
      const running = services[service]
      await t.test(name, async (t) => {
        if (running === undefined) return t.skip(`${service} is not installed`)
        const response = await app.get(`/${name}`)
        assert.equal(response.status, 200, response.body)
        let counts = new Map<string, number>()
        // Scrapes within a second may share a collection.
        await eventually(async () => {
          counts = countsOf(await scrape(app.sidePort), running.port, system)
          const added = [...counts].map(([key, count]): [string, number] => [
            key,
            count - (before[system]?.get(key) ?? 0),
          ])
          const counted = added.filter(([key, count]) => count > 0 && beside?.test(key) !== true)
          assert.deepEqual(Object.fromEntries(counted), operations)
        })
        before[system] = counts
      })
    }
    const { body } = await scrape(app.sidePort)
    assert.ok(!/secret|no_such_table/.test(body), 'a part of a query became a label')
    const bounds = body.matchAll(/db_client_operation_duration_seconds_bucket\{.*le="([^"]+)"/g)
    assert.deepEqual(
      [...new Set([...bounds].map(([, bound]) => Number(bound?.replace('+Inf', 'Infinity'))))],
      [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, Infinity],
    )
  })
}

test('operations outside a request are measured, and have a span only if the client does not require a parent', async (t) => {
  const { redis } = services
  if (redis === undefined) return t.skip('redis-server is not installed')
  const app = await startServingApp(t, { app: 'use-databases.mjs', args: ['ioredis'], env: redis.env })
  await app.process.waitFor(/metrics on/, 'stderr')
  assert.equal(countsOf(await scrape(app.sidePort), redis.port, 'redis').get('set 0'), 1)
  await app.get('/ioredis')
  await app.receiver.waitForSpans((spans) => spans.some(isSet) && spans.some((span) => span.kind === 'server'))
  assert.equal(app.receiver.spans.filter(isSet).length, 1, 'that of the request alone')
})

type PoolService = Client['service'] | 'cluster'

/** What the pools of test/apps/use-databases.mjs come to: used, idle, waiting, the most. */
const POOLS: readonly { client: string; service?: PoolService; name: string; state: readonly unknown[] }[] = [
  { client: 'mysql', service: 'mariadb', name: '127.0.0.1:PORT/mysql', state: [3, 0, 1, 3] },
  { client: 'pg', service: 'postgres', name: '127.0.0.1:PORT/postgres', state: [3, 0, 1, 3] },
  // Pools to the same place are one.
  { client: 'mysql2', service: 'mariadb', name: '127.0.0.1:PORT/mysql', state: [6, 0, 2, 6] },
  { client: 'mongodb', service: 'mongodb', name: '127.0.0.1:PORT', state: [0, 2, 0, 3] },
  { client: 'redis', service: 'redis', name: 'redis', state: [0, 2, 0, undefined] },
  { client: 'ioredis', service: 'cluster', name: '127.0.0.1:PORT', state: [1, 0, 0, undefined] },
  { client: 'generic-pool', name: 'generic-pool', state: [3, 0, 1, 3] },
  { client: 'sequelize-pool', name: 'sequelize', state: [3, 0, 1, 3] },
]

test('pools of connections', async (t) => {
  const cluster = await startRedisCluster(t)
  if (cluster !== undefined) t.after(cluster.stop)
  const all: Partial<Record<PoolService, Service>> = { ...services, ...(cluster === undefined ? {} : { cluster }) }
  const app = await startServingApp(t, {
    app: 'use-databases.mjs',
    env: {
      ...Object.assign({}, ...Object.values(services).map((service) => service.env)),
      OTEL_TRACES_EXPORTER: 'none',
      REDIS_CLUSTER_PORT: String(cluster?.port),
    },
  })
  await app.process.waitFor(/metrics on/, 'stderr')
  for (const { client, service, name, state } of POOLS) {
    const running = service === undefined ? undefined : all[service]
    await t.test(client, async (t) => {
      if (service !== undefined && running === undefined) return t.skip(`${service} is not installed`)
      const response = await app.get(`/${client}/pool`)
      assert.equal(response.status, 200, response.body)
      const labels = { db_client_connection_pool_name: name.replace('PORT', String(running?.port)) }
      const read = (metrics: Scrape, what: string, more = {}): number | undefined =>
        metrics.find(`db_client_connection_${what}`, { ...labels, ...more })[0]?.value
      await eventually(async () => {
        const metrics = await scrape(app.sidePort)
        const found = [
          read(metrics, 'count', { db_client_connection_state: 'used' }),
          read(metrics, 'count', { db_client_connection_state: 'idle' }),
          read(metrics, 'pending_requests'),
          read(metrics, 'max'),
        ]
        assert.deepEqual(found, state)
      })
    })
  }
  const { samples } = await scrape(app.sidePort)
  const counts = samples.filter(({ name }) => name.startsWith('db_client_connection_'))
  assert.deepEqual([...new Set(counts.map(({ labels }) => labels['otel_scope_name']))], ['@paxx/obs'])
})

function isSet({ name, scope }: ReceivedSpan): boolean {
  return name === 'set' && scope === '@paxx/obs/ioredis'
}

function countsOf(metrics: Scrape, port: number, system: string): Map<string, number> {
  const samples = metrics.find('db_client_operation_duration_seconds_count', {
    db_system_name: system,
    server_address: '127.0.0.1',
    server_port: String(port),
  })
  return new Map(samples.map((sample): [string, number] => [keyOf(sample), sample.value]).toSorted())
}

function keyOf({ labels }: Sample): string {
  const error = labels['error_type']
  return [
    labels['db_operation_name'],
    labels['db_namespace'],
    labels['db_collection_name'],
    error === undefined ? undefined : `!${error}`,
  ]
    .filter((part) => part !== undefined)
    .join(' ')
}
