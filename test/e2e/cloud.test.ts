import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { scrape } from '../support/scrape.ts'
import { runNode } from '../support/run-node.ts'
import { startServingApp } from '../support/serving-app.ts'
import { OtlpReceiver } from '../support/otlp-receiver.ts'

/** A metadata service on loopback; the detectors that let their environment say where it is are sent there. */
async function metadataService(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly host: string; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { host: `127.0.0.1:${(server.address() as { port: number }).port}`, asked }
}

const GOOGLE: Readonly<Record<string, string>> = {
  '/computeMetadata/v1/instance': 'there',
  '/computeMetadata/v1/instance/id': '1234567890123456789',
  '/computeMetadata/v1/instance/name': 'vm-1',
  '/computeMetadata/v1/instance/machine-type': 'projects/1/machineTypes/e2-small',
  '/computeMetadata/v1/instance/zone': 'projects/1/zones/europe-west1-b',
  '/computeMetadata/v1/project/project-id': 'shop-project',
}

function google({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const found = GOOGLE[url.replace(/\/$/, '')]
  response.writeHead(found === undefined ? 404 : 200, { 'metadata-flavor': 'Google', 'content-type': 'text/plain' })
  response.end(found)
}

test('an enabled cloud detector adds attributes to spans and scrapes, and its requests are not traced', async (t) => {
  const { host } = await metadataService(t, google)
  const app = await startServingApp(t, {
    app: 'use-http.mjs',
    env: {
      GCE_METADATA_HOST: host,
      OTEL_NODE_RESOURCE_DETECTORS: 'host,gcp',
      OTEL_RESOURCE_ATTRIBUTES: 'cloud.region=mine',
      OTEL_LOG_LEVEL: 'debug',
    },
  })
  await app.process.waitFor(/resource detector gcp: .*cloud.account.id/, 'stderr', 30_000)
  await app.get('/')
  const [span] = await app.receiver.waitForSpans(1, 30_000)
  assert.equal(app.receiver.spans.length, 1)
  const names = ['cloud.provider', 'cloud.account.id', 'cloud.availability_zone', 'host.id', 'cloud.region']
  assert.deepEqual(
    names.map((name) => span?.resource[name]),
    ['gcp', 'shop-project', 'europe-west1-b', '1234567890123456789', 'mine'],
  )
  const target = (await scrape(app.sidePort)).find('target_info', {})[0]
  assert.equal(target?.labels['cloud_account_id'], 'shop-project')
})

test('a metadata service that never responds does not keep the process alive', async (t) => {
  let askedMs = Infinity
  const silent = await metadataService(t, () => {
    askedMs = Math.min(askedMs, performance.now())
  })
  const receiver = await OtlpReceiver.start(t)
  const script = `
    const { trace } = require('@opentelemetry/api')
    trace.getTracer('t').startSpan('first').end()
    setTimeout(() => {}, 300)`
  const { stderr, code } = await runNode(t, {
    nodeArgsAfter: ['-e', script],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.grpcUrl,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOG_LEVEL: 'warn',
      OTEL_NODE_RESOURCE_DETECTORS: 'gcp',
      GCE_METADATA_HOST: silent.host,
      OBS_EXIT_FLUSH_TIMEOUT: '10000',
    },
  })
  assert.deepEqual([stderr, code], ['', 0])
  // It would be given up after 10 s.
  const waitedMs = performance.now() - askedMs
  assert.ok(waitedMs < 9000, `${waitedMs} ms`)
  assert.equal(receiver.spans.length, 1)
})

test('no metadata service is queried unless its detector is enabled', async (t) => {
  const service = await metadataService(t, google)
  const app = await startServingApp(t, {
    app: 'use-http.mjs',
    env: { GCE_METADATA_HOST: service.host, ECS_CONTAINER_METADATA_URI_V4: `http://${service.host}/v4` },
  })
  await app.get('/')
  await app.receiver.waitForSpans(1)
  assert.deepEqual(service.asked, [])
})
