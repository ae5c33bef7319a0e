import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { browserTests, openPage } from '../support/browser.ts'
import { httpGet } from '../support/scrape.ts'
import { startServingApp } from '../support/serving-app.ts'
import { eventually } from '../support/eventually.ts'

/** Attributes whose names every object inherits a property of are data like others, wherever they go. */

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
/** Nothing of the app's objects has changed. */
const UNTOUCHED = JSON.stringify(['object', 'function', 'function', 'function'])

const APP = 'use-attribute-names.mjs'
const RESOURCE = { OTEL_RESOURCE_ATTRIBUTES: NAMES.map((name) => `${name}=of a resource`).join(',') }

const named = (value: string): Record<string, string> => Object.fromEntries(NAMES.map((name) => [name, value]))

for (const protocol of ['grpc', 'http/protobuf', 'http/json']) {
  test(`${protocol}: they arrive on spans, events, links, resources, metrics and logs`, async (t) => {
    const app = await startServingApp(t, {
      app: APP,
      env: {
        ...RESOURCE,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_LOGS_EXPORTER: 'otlp',
        OTEL_METRICS_EXPORTER: 'otlp,prometheus',
        OTEL_METRIC_EXPORT_INTERVAL: '200',
        OTEL_BLRP_SCHEDULE_DELAY: '100',
      },
    })
    assert.equal((await app.get('/')).body, UNTOUCHED)
    const { receiver } = app
    const spans = await receiver.waitForSpans(6)
    const span = (name: string): (typeof spans)[number] | undefined => spans.find((each) => each.name === name)
    assert.deepEqual(span('named')?.attributes, { ...named('at the start'), map: named('in a map') })
    assert.deepEqual(span('named')?.events, [{ name: 'named', attributes: named('of an event') }])
    assert.deepEqual(span('named')?.links[0]?.attributes, named('of a link'))
    assert.deepEqual(span('named later')?.attributes, named('set'))
    assert.deepEqual(span('named together')?.attributes, named('set together'))
    assert.deepEqual(Object.keys(span('named as an object')?.attributes ?? {}), ['__proto__'])
    for (const name of NAMES) {
      assert.equal(ownOf(span('GET')?.attributes, name), 'of a request')
      assert.equal(ownOf(span('named')?.resource, name), 'of a resource')
    }
    await eventually(
      async () => receiver.logs.length > 0 && receiver.metrics.some(({ name }) => name === 'names.recorded'),
    )
    assert.deepEqual(receiver.logs[0]?.attributes, named('logged'))
    for (const [name, value] of [
      ['names.counted', 'counted'],
      ['names.recorded', 'recorded'],
    ] as const) {
      assert.deepEqual(receiver.metrics.find((metric) => metric.name === name)?.points[0]?.attributes, named(value))
    }
  })
}

test('they are tags in Zipkin, and labels in Prometheus, which reserves names that begin with two underscores', async (t) => {
  const bodies: string[] = []
  const zipkin = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      bodies.push(body)
      response.writeHead(202).end()
    })
  })
  await new Promise<void>((resolve) => zipkin.listen(0, '127.0.0.1', resolve))
  t.after(() => zipkin.close().closeAllConnections())
  const app = await startServingApp(t, {
    app: APP,
    env: {
      ...RESOURCE,
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://127.0.0.1:${(zipkin.address() as AddressInfo).port}/api/v2/spans`,
    },
  })
  assert.equal((await app.get('/')).body, UNTOUCHED)
  type Sent = { readonly name: string; readonly tags: object }
  const sent = (): Sent[] => bodies.flatMap((body) => JSON.parse(body) as Sent[])
  await eventually(async () => sent().some(({ name }) => name === 'named together'))
  const tags = sent().find(({ name }) => name === 'named together')?.tags
  for (const name of NAMES) assert.ok(/^(set together|of a resource)$/.test(String(ownOf(tags, name))), name)
  const { body } = await httpGet(`http://127.0.0.1:${app.sidePort}/metrics`)
  const counted = body.split('\n').find((line) => line.startsWith('names_counted_total{'))
  for (const label of ['_proto_', 'constructor', 'toString', 'hasOwnProperty']) {
    assert.ok(counted?.includes(`${label}="counted"`), counted)
  }
})

browserTests()('the page shows them', async (t, chromium) => {
  const app = await startServingApp(t, { app: APP, env: RESOURCE })
  const { page, complaints } = await openPage(chromium, `http://localhost:${app.sidePort}/#/traces`)
  await page.getByText('live').waitFor()
  await app.get('/')
  await page.locator('.trace-row').first().click()
  await page.getByRole('button', { name: /^named$/ }).click()
  const details = page.locator('.details')
  for (const name of NAMES) await details.getByRole('row', { name: `${name} at the start` }).waitFor()
  for (const value of ['of an event', 'of a link']) {
    for (const name of NAMES) await details.getByRole('row', { name: `${name} ${value}` }).waitFor()
  }
  await details.getByText('Resource', { exact: true }).click()
  for (const name of NAMES) await details.getByRole('row', { name: `${name} of a resource` }).waitFor()
  assert.deepEqual(complaints, [])
})

function ownOf(attributes: object | undefined, name: string): unknown {
  return Object.getOwnPropertyDescriptor(attributes ?? {}, name)?.value
}
