import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { withoutClients } from '../support/clients.ts'
import { startMongodb } from '../support/services/mongodb.ts'
import { httpGet } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'

const SECRET = 'Sesame12345'
const METADATA = 'authorization,cookie,x-api-key,x-session-token,set-cookie,secret-bin,error-bin'

test(
  'a secret in metadata, queries, documents and messages, and in what refuses them, does not leave',
  { skip: withoutClients() },
  async (t) => {
    const mongodb = await startMongodb()
    t.after(() => mongodb?.stop())
    const metadata = Object.fromEntries(
      ['CLIENT_REQUEST', 'CLIENT_RESPONSE', 'SERVER_REQUEST', 'SERVER_RESPONSE'].map((of) => [
        `OBS_INSTRUMENTATION_GRPC_METADATA_TO_SPAN_ATTRIBUTES_${of}_METADATA`,
        METADATA,
      ]),
    )
    const app = await startServingApp(t, {
      app: join(import.meta.dirname, 'apps/carriers.mjs'),
      env: {
        SECRET,
        OTEL_TRACES_EXPORTER: 'otlp,console',
        OTEL_METRICS_EXPORTER: 'otlp,prometheus',
        OBS_FRAMEWORK_SPANS: 'all',
        ...metadata,
        ...mongodb?.env,
      },
    })
    const { body } = await app.get('/all')
    assert.equal(body, 'done')
    await app.receiver.waitForSpans((spans) => spans.some(({ attributes }) => attributes['url.path'] === '/all'))
    const { body: metrics } = await httpGet(`http://127.0.0.1:${app.sidePort}/metrics`, { host: 'localhost' })
    const places = app.receiver.spans.flatMap(({ scope, name, statusMessage, attributes, events }) =>
      Object.entries({
        name,
        statusMessage,
        ...attributes,
        ...Object.assign({}, ...events.map((event) => event.attributes)),
      })
        .filter(([, value]) => JSON.stringify(value)?.includes(SECRET))
        .map(([attribute, value]) => `${scope} ${attribute} ${String(value).slice(0, 150)}`),
    )
    assert.deepEqual([...new Set(places)].toSorted(), [])
    assert.ok(!JSON.stringify(app.receiver.requests.map((request) => request.body)).includes(SECRET), 'exports')
    assert.ok(!metrics.includes(SECRET), 'the side port')
    assert.ok(!app.process.stderr.includes(SECRET), 'stderr')
    // Each of them was there to be watched.
    const scopes = new Set(app.receiver.spans.map(({ scope }) => scope.replace(/.*[/-](?=[a-z]+$)/, '')))
    for (const name of ['graphql', 'grpc', 'sdk', ...(mongodb === undefined ? [] : ['mongodb'])])
      assert.ok(scopes.has(name), `${name} of ${[...scopes].join()}`)
  },
)
