import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import { clientApp, withoutClients } from '../support/clients.ts'
import { startAmqp } from '../support/services/amqp.ts'
import { startCassandra } from '../support/services/cassandra.ts'
import { startHttpPeers } from '../support/services/http-peers.ts'
import { startImitations } from '../support/services/imitations.ts'
import { startKafka } from '../support/services/kafka.ts'
import type { Service } from '../support/services/service.ts'
import { startSqlServer } from '../support/services/sql-server.ts'
import { httpGet } from '../support/scrape.ts'
import { startServingApp, type ServingApp } from '../support/serving-app.ts'
import { splitStderr } from '../support/own-lines.ts'

/** What instrumentations of brokers, clouds, databases and models write when a secret goes through the real clients. */

const SECRET = 'Sesame12345'
const skip = withoutClients()
const services: Service[] = []

before(async () => {
  if (skip !== false) return
  // One by one: what has started is stopped also where another does not start.
  for (const start of [startAmqp, startCassandra, startSqlServer, startHttpPeers, startKafka]) {
    const service = await start()
    if (service !== undefined) services.push(service)
  }
  services.push(...(await startImitations()))
})

after(async () => {
  await Promise.all(services.map((service) => service.stop()))
})

async function askedApp(t: TestContext, env: Record<string, string> = {}): Promise<ServingApp> {
  const app = await startServingApp(t, {
    app: clientApp('use-clients.mjs'),
    env: {
      SECRET,
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      // Events of socket.io have spans on request alone.
      OBS_FRAMEWORK_SPANS: 'handlers',
      ...Object.assign({}, ...services.map((service) => service.env)),
      ...env,
    },
  })
  const answer = await fetch(`http://127.0.0.1:${app.port}/all`, { signal: AbortSignal.timeout(60_000) })
  assert.equal(await answer.text(), '')
  await app.receiver.waitForSpans((spans) => spans.some(({ attributes }) => attributes['url.path'] === '/all'), 30_000)
  await app.receiver.waitUntil(({ logs, metrics }) => logs.length >= 2 && metrics.length > 0)
  return app
}

const OF_PACKAGE = /^@(?:opentelemetry\/instrumentation-|paxx\/obs\/)/

function places({ receiver }: ServingApp): string[] {
  const ofSpans = receiver.spans.flatMap(({ scope, name, statusMessage, attributes, events }) =>
    [
      ...Object.entries({ ...attributes, name, statusMessage }),
      ...events.flatMap((event) => Object.entries(event.attributes)),
    ]
      .filter(([, value]) => JSON.stringify(value)?.includes(SECRET))
      .map(([attribute]) => `${scope} ${attribute}`),
  )
  const ofLogs = receiver.logs
    .filter((record) => JSON.stringify(record).includes(SECRET))
    .map(({ scope, attributes }) => `${scope} log ${String(attributes['event.name'])}`)
  return [...new Set([...ofSpans, ...ofLogs])].map((place) => place.replace(OF_PACKAGE, '')).toSorted()
}

test('no part of a secret is exported by clients of brokers, clouds, databases and models', { skip }, async (t) => {
  const app = await askedApp(t)
  assert.deepEqual(places(app), [])
  assert.ok(!JSON.stringify(app.receiver.requests.map(({ body }) => body)).includes(SECRET))
  const { body } = await httpGet(`http://127.0.0.1:${app.sidePort}/metrics`)
  assert.ok(!body.includes(SECRET), 'the side port')
  // Each of them was there to be watched.
  const scopes = new Set(app.receiver.spans.map(({ scope }) => scope.replace(OF_PACKAGE, '')))
  // Knex and mongoose have none beside their drivers'.
  const expected =
    'amqplib aws-sdk cassandra-driver kafkajs mongodb mysql mysql2 openai oracledb socket.io tedious'.split(' ')
  assert.deepEqual(
    expected.filter((name) => !scopes.has(name)),
    services.some(({ env }) => 'KAFKA_BROKER' in env) ? [] : ['kafkajs'],
  )
  const messages = app.receiver.spans.map(({ statusMessage }) => statusMessage)
  assert.ok(messages.includes('Violation of UNIQUE KEY constraint. The duplicate key value is ?.'), messages.join())
  assert.equal(splitStderr(app.process.stderr).own.length, 1, app.process.stderr)
})

/** Where the other test would find it, were there no redaction. */
const OPENED = [
  'cassandra-driver db.query.text',
  'cassandra-driver exception.message',
  'cassandra-driver exception.stacktrace',
  'cassandra-driver statusMessage',
  'kafkajs messaging.kafka.message.key',
  'mysql db.query.text',
  'mysql exception.message',
  'mysql exception.stacktrace',
  'mysql statusMessage',
  'mysql2 db.query.text',
  'mysql2 exception.message',
  'mysql2 exception.stacktrace',
  'mysql2 statusMessage',
  'openai log gen_ai.choice',
  'openai log gen_ai.user.message',
  'tedious db.query.text',
  'tedious statusMessage',
]

test('OBS_CAPTURE allows it, and the variable of the specification allows prompts', { skip }, async (t) => {
  const app = await askedApp(t, {
    OBS_CAPTURE: 'query,headers,sql,messages',
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    OBS_INSTRUMENTATION_CASSANDRA_DRIVER_ENHANCED_DATABASE_REPORTING: 'true',
    CONSUMES: 'false',
  })
  assert.deepEqual(
    places(app),
    OPENED.filter((place) => !place.startsWith('kafka') || services.some(({ env }) => 'KAFKA_BROKER' in env)),
  )
})
