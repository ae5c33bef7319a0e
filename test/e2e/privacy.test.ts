import assert from 'node:assert/strict'
import { after, before, test, type TestContext } from 'node:test'
import { startImitations } from '../support/services/imitations.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startRedis } from '../support/services/redis.ts'
import type { Service } from '../support/services/service.ts'
import { httpGet, scrape } from '../support/scrape.ts'
import { startServingApp, type ServingApp } from '../support/serving-app.ts'

const SECRET = 'Sesame12345'

const services: Service[] = []

before(async () => {
  services.push(await startPostgres(), ...(await startImitations()))
  const redis = await startRedis()
  if (redis !== undefined) services.push(redis)
})

after(async () => {
  await Promise.all(services.map((service) => service.stop()))
})

const HEADERS = 'authorization,cookie,set-cookie,referer'

/** A request that carries the secret wherever one may, through every client of `use-private.mjs`. */
async function askedApp(t: TestContext, env: Record<string, string> = {}): Promise<ServingApp> {
  const app = await startServingApp(t, {
    app: 'use-private.mjs',
    args: [`--password=${SECRET}`],
    env: {
      SECRET,
      OTEL_METRICS_EXPORTER: 'otlp,prometheus,console',
      OTEL_TRACES_EXPORTER: 'otlp,console',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OBS_INSTRUMENTATION_HTTP_HEADERS_TO_SPAN_ATTRIBUTES_SERVER_REQUEST_HEADERS: HEADERS,
      OBS_INSTRUMENTATION_HTTP_HEADERS_TO_SPAN_ATTRIBUTES_SERVER_RESPONSE_HEADERS: HEADERS,
      OBS_INSTRUMENTATION_HTTP_HEADERS_TO_SPAN_ATTRIBUTES_CLIENT_REQUEST_HEADERS: HEADERS,
      OBS_INSTRUMENTATION_UNDICI_HEADERS_TO_SPAN_ATTRIBUTES_REQUEST_HEADERS: HEADERS,
      OBS_INSTRUMENTATION_GRPC_METADATA_TO_SPAN_ATTRIBUTES_CLIENT_REQUEST_METADATA: HEADERS,
      OBS_INSTRUMENTATION_GRPC_METADATA_TO_SPAN_ATTRIBUTES_SERVER_REQUEST_METADATA: HEADERS,
      ...Object.assign({}, ...services.map((service) => service.env)),
      ...env,
    },
  })
  const headers = { authorization: `Bearer ${SECRET}`, cookie: `sid=${SECRET}`, referer: `http://shop/?q=${SECRET}` }
  const url = `http://127.0.0.1:${app.port}/all;jsessionid=${SECRET}?token=${SECRET}&${SECRET}`
  // Every instrumentation is loaded by it.
  const { status } = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) })
  assert.equal(status, 200)
  await app.receiver.waitForSpans(
    (spans) => spans.some((span) => String(span.attributes['url.path']).startsWith('/all')),
    30_000,
  )
  await app.receiver.waitUntil(({ metrics }) => metrics.some(({ name }) => name === 'db.client.operation.duration'))
  return app
}

/** Where the secret is, as `scope attribute` of spans. */
function places({ receiver }: ServingApp): string[] {
  const found = receiver.spans.flatMap(({ scope, name, statusMessage, attributes, events }) => {
    const own = Object.entries({ ...attributes, name, statusMessage })
    return [...own, ...events.flatMap((event) => Object.entries(event.attributes))]
      .filter(([, value]) => JSON.stringify(value).includes(SECRET))
      .map(([attribute]) => `${scope.replace(/^@(?:opentelemetry\/instrumentation-|paxx\/obs\/)/, '')} ${attribute}`)
  })
  return [...new Set(found)].toSorted()
}

/** Where the secret is when everything is opened up: what the other test would find of it, were there no redaction. */
const OPENED = `
  graphql graphql.document
  graphql graphql.variables.name
  grpc rpc.request.metadata.authorization
  handler exception.message
  handler exception.stacktrace
  handler statusMessage
  http http.request.header.authorization
  http http.request.header.cookie
  http http.request.header.referer
  http http.response.header.set-cookie
  http url.full
  http url.path
  http url.query
  ioredis db.query.text
  ioredis exception.message
  ioredis exception.stacktrace
  ioredis statusMessage
  memcached db.query.text
  mongodb db.query.text
  mysql2 db.query.text
  mysql2 exception.message
  mysql2 exception.stacktrace
  mysql2 statusMessage
  pg db.query.text
  pg exception.message
  pg exception.stacktrace
  pg statusMessage
  redis db.query.text
  undici http.request.header.authorization
  undici url.full`
  .trim()
  .split(/\n */)

test('no part of a secret is exported, whichever client it passed through', async (t) => {
  const app = await askedApp(t)
  assert.deepEqual(places(app), [])
  assert.ok(!JSON.stringify(app.receiver.requests.map(({ body }) => body)).includes(SECRET))
  assert.ok(!app.process.stderr.includes(SECRET), 'stderr')
  const { body } = await httpGet(`http://127.0.0.1:${app.sidePort}/metrics`)
  assert.ok(!body.includes(SECRET), 'the side port')
  const texts = [...new Set(app.receiver.spans.map(({ attributes }) => attributes['db.query.text']))]
  for (const text of [
    'SELECT ? AS x, ? AS y',
    'SELECT\n?::text',
    'SELECT $1::text',
    'SELECT * FROM users WHERE email = ? AND id = ?',
    'SELECT\n?',
    'INSERT INTO users VALUES (?)',
  ]) {
    assert.ok(texts.includes(text), text)
  }
  const names = app.receiver.spans.map(({ name }) => name)
  assert.ok(names.includes('SELECT postgres') && names.includes('SELECT'), names.join())
  const server = app.receiver.spans.find(({ attributes }) => String(attributes['url.path']).startsWith('/all'))
  assert.equal(server?.attributes['url.path'], '/all;jsessionid=REDACTED')
  assert.equal(server?.attributes['url.query'], 'token=REDACTED&REDACTED')
  const messages = app.receiver.spans.map(({ statusMessage }) => statusMessage)
  assert.ok(messages.includes('invalid input syntax for type integer: ?'), messages.join())
})

test('OBS_CAPTURE=all shows what the other test hides', async (t) => {
  const app = await askedApp(t, { OBS_CAPTURE: 'all' })
  const expected = services.some(({ env }) => 'REDIS_URL' in env)
    ? OPENED
    : OPENED.filter((place) => !/redis/.test(place))
  assert.deepEqual(places(app), expected)
  const args = app.receiver.spans[0]?.resource['process.command_args'] as string[]
  assert.equal(args.at(-1), `--password=${SECRET}`)
})

test('OBS_REDACT hides more: attributes by name, and all matches of an expression', async (t) => {
  const hidden = `db.query.*,enduser.id,host.name,/${SECRET.toLowerCase()}( \\d)?/i,/(/`
  const app = await askedApp(t, { OBS_CAPTURE: 'all', OBS_REDACT: hidden, OTEL_LOGS_EXPORTER: 'otlp' })
  assert.deepEqual(places(app), [])
  await app.receiver.waitUntil(({ metrics }) => metrics.some(({ name }) => name === 'seen'))
  // Of the resource names alone: its values are no data of users, and the command line was opened up.
  const bodies = JSON.stringify(app.receiver.requests.map(({ body }) => body))
  assert.ok(!bodies.replaceAll(`--password=${SECRET}`, '').includes(SECRET))
  assert.equal(app.receiver.spans[0]?.resource['host.name'], 'REDACTED')
  const metrics = await scrape(app.sidePort)
  assert.ok(!metrics.body.replaceAll(`--password=${SECRET}`, '').includes(SECRET))
  for (const [name, value] of [
    ['logins_total', 3],
    ['seen_total', 3],
  ] as const) {
    const series = metrics.find(name).map(({ labels, value }) => [labels['user'], labels['enduser_id'], value])
    assert.deepEqual(series, [['REDACTED', 'REDACTED', value]])
  }
  const texts = new Set(app.receiver.spans.map(({ attributes }) => attributes['db.query.text']))
  assert.deepEqual(
    [...texts].filter((text) => text !== undefined),
    ['REDACTED'],
  )
  assert.match(
    app.process.stderr,
    /OBS_REDACT=.* "\/\(\/" is not a regular expression \(Unterminated group\); it is ignored/,
  )
})
