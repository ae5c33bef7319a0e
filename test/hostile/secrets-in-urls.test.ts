import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { shownUrl, shownUrlsIn } from '../../src/base/shown-url.ts'
import { redactorOfSent } from '../../src/export/redact-sent.ts'
import { inspectSettings } from '../../src/settings/read.ts'
import { TABLE } from '../../src/settings/table.ts'
import { startLine } from '../../src/start/start-line.ts'
import { startCli } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'
import { runNode, startNode } from '../support/run-node.ts'
import { httpGet } from '../support/scrape.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { eventually } from '../support/eventually.ts'
import { inputOf } from '../support/settings-of.ts'

/** A secret that nothing else says. */
const PLANT = /.{0,100}pl4nt.{0,100}/i

function assertHides(text: string, where: string = ''): void {
  const found = PLANT.exec(text)
  assert.equal(found, null, `${where}: ${found?.[0]}`)
}

const SHOWN: readonly (readonly [url: string, shown: string])[] = [
  ['http://localhost:4318/v1/traces', 'http://localhost:4318/v1/traces'],
  ['https://otlp.example/api/v2/otlp/v1/logs', 'https://otlp.example/api/v2/otlp/v1/logs'],
  ['https://u:pl4nt@host:1/pl4nt/v1/traces?k=pl4nt#pl4nt', 'https://***@host:1/***/v1/traces?***'],
  ['https://host/v1/traces#pl4nt', 'https://host/v1/traces#***'],
  ['http://[::1]:4317', 'http://[::1]:4317'],
  ['http://user:pl4nt/4nt@host', 'http://***'],
  ['http://host:pl4nt/', 'http://***/'],
  ['Bearer pl4nt', '***'],
  ['host:4317/pl4nt', 'host:4317/***'],
  ['https:\\\\host\\pl4nt', '******'],
  ['dns:host:4317', 'dns:host:4317'],
  ['ipv4:127.0.0.1:4317', 'ipv4:127.0.0.1:4317'],
  ['unix:/run/otel.sock', 'unix:/run/otel.sock'],
  ['', ''],
]

for (const [url, shown] of SHOWN)
  test(`${JSON.stringify(url)} is shown as ${shown}`, () => assert.equal(shownUrl(url), shown))

test('in a list with URLs, other entries are shown', () => {
  assert.equal(
    shownUrlsIn('endpoint=http://h:1/pl4nt,pollingIntervalMs=5,x=http://a:pl,4nt@h'),
    'endpoint=http://***',
    'a comma in a password',
  )
  assert.equal(
    shownUrlsIn('endpoint=http://h:1/pl4nt,pollingIntervalMs=5'),
    'endpoint=http://h:1/***,pollingIntervalMs=5',
  )
  assert.equal(shownUrlsIn('endpoint=http://h/?a=pl4nt,b=pl4nt'), 'endpoint=http://h/?***')
})

const part = fc.string({ unit: fc.constantFrom(...'pl4nt%20;=,:~!$&*()+\'"<>|^{}[]'), minLength: 0, maxLength: 8 })

test('wherever a secret stands in a URL, it is not shown', () => {
  fc.assert(
    fc.property(part, part, fc.constantFrom('user', 'path', 'query', 'fragment', 'last'), (before, after, where) => {
      const secret = `${before}pl4nt${after}`
      const url = {
        user: `https://u:${secret}@host/v1/traces`,
        path: `https://host/${secret}/v1/traces`,
        query: `https://host/v1/traces?k=${secret}`,
        fragment: `https://host/v1/traces#${secret}`,
        last: `https://host/v1/${secret}`,
      }[where]
      assertHides(shownUrl(url))
      assertHides(shownUrl(url.slice('https://'.length)))
    }),
    { numRuns: 500 },
  )
})

test('any text is shown in bounded length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      assert.ok(shownUrl(text).length <= 3 * text.length + 10)
      assert.ok(shownUrlsIn(text).length <= 4 * text.length + 10)
    }),
  )
})

const PLANTED: readonly string[] = [
  'https://user:pl4nt@collector.example:4318/v1/traces',
  'https://collector.example/pl4nt-token/v1/traces',
  'https://collector.example/v1/traces?api-key=pl4nt',
  'https://collector.example/v1/traces#pl4nt',
  'collector.example:4318/pl4nt',
  'ftp://user:pl4nt@collector.example/pl4nt?pl4nt',
  'http://user:pl4nt/pl4nt@collector.example:4318/',
  'http://collector.example:pl4nt/',
  'http:/collector.example/pl4nt',
]

const URL_VARIABLES: readonly (readonly [name: string, valueOf: (url: string) => string])[] = [
  ...TABLE.filter(({ type }) => type === 'url').map(({ name }) => [name, (url: string) => url] as const),
  ...['grpc_proxy', 'https_proxy', 'http_proxy'].map((name) => [name, (url: string) => url] as const),
  ['OTEL_TRACES_SAMPLER_ARG', (url) => `endpoint=${url},pollingIntervalMs=1000,initialSamplingRate=0.5`],
  ['OTEL_RESOURCE_ATTRIBUTES', (url) => `vcs.repository.url.full=${encodeURIComponent(url)}`],
]

for (const [name, valueOf] of URL_VARIABLES) {
  test(`a secret in ${name}: no line, no table and no start line shows it`, () => {
    // An attribute that is no URL is the user's own word.
    for (const url of PLANTED.filter((each) => name !== 'OTEL_RESOURCE_ATTRIBUTES' || each.includes('://'))) {
      for (const protocol of ['grpc', 'http/protobuf']) {
        for (const inFile of [false, true]) {
          const env = {
            OTEL_TRACES_EXPORTER: 'otlp,zipkin',
            OTEL_METRICS_EXPORTER: 'prometheus,otlp',
            OTEL_LOGS_EXPORTER: 'otlp',
            OTEL_TRACES_SAMPLER: 'jaeger_remote',
            OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          }
          const planted = { [name]: valueOf(url) }
          const input = inFile
            ? inputOf(env, { '/app/.env': `${name}='${valueOf(url)}'` })
            : inputOf({ ...env, ...planted })
          const { settings, states, problems } = inspectSettings(input)
          const all = JSON.stringify([states, problems, settings.problems, startLine(settings, '')])
          assertHides(all, `${url} (${protocol})`)
        }
      }
    }
  })
}

test('an attribute of the resource whose name says that it is secret is not printed', () => {
  for (const name of ['api.key', 'deployment.token', 'client-secret', 'DB_PASSWORD', 'accessKey']) {
    const { states } = inspectSettings(inputOf({ OTEL_RESOURCE_ATTRIBUTES: `shown=yes,${name}=pl4nt` }))
    assertHides(JSON.stringify(states), name)
    assert.match(JSON.stringify(states), /shown=yes/)
  }
})

const FILE_PLANTS: readonly string[] = [
  'tracer_provider:\n  processors:\n    - batch: { exporter: { otlp_http: { endpoint: "ftp://h/pl4nt" } } }',
  'tracer_provider:\n  processors:\n    - batch: { exporter: { otlp_http: { endpoint: "http://u:pl4nt@h/pl4nt?pl4nt" } } }',
  'tracer_provider:\n  processors:\n    - batch: { exporter: { otlp_http: { headers: [{ name: a, value: "pl4nt" ] } } }',
  'tracer_provider:\n  processors:\n    - batch: { exporter: { otlp_http: { headers: pl4nt } } }',
  'log_level: *pl4nt',
  'log_level: ${X:?pl4nt}',
  'log_level: !pl4nt x',
  'log_level: "pl4nt\n\tx',
  'x: "\\pl4nt"',
]

for (const file of FILE_PLANTS) {
  test(`a configuration file's secret is in no line: ${JSON.stringify(file)}`, () => {
    const input = inputOf({ OTEL_CONFIG_FILE: 'c.yaml' }, { '/app/c.yaml': `file_format: "1.0"\n${file}\n` })
    const { settings, states, problems } = inspectSettings(input)
    assertHides(JSON.stringify([states, problems, settings.problems, startLine(settings, '')]))
  })
}

test("a peer's message is logged without the request data that it repeats", () => {
  const clean = redactorOfSent({
    endpoint: 'https://h/t%20pl4nt/v1/traces?key=pl4nt-q',
    headers: { authorization: `Basic ${Buffer.from('u:pl4nt-b').toString('base64')}`, 'x-key': 'pl4nt-h' },
    proxy: { host: 'p', port: 1, authorization: 'Bearer pl4nt-p' },
  })
  const said =
    'POST /t%20pl4nt/v1/traces?key=pl4nt-q of u:pl4nt-b, /t pl4nt, pl4nt-q, pl4nt-b, pl4nt-h, pl4nt-p /v1/traces'
  assertHides(clean(said))
  assert.match(clean(said), /\/v1\/traces/)
})

/** Refuses everything, and repeats in its own words what it got. */
async function echoingCollector(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    const said = `no ${request.url} for ${request.headers.authorization} and ${request.headers['x-key']}`
    response.writeHead(request.url?.includes('logs') === true ? 302 : 400, said, { location: `http://h${request.url}` })
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close().closeAllConnections())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The first events of the page. */
async function pageEvents(port: number): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get({ host: '127.0.0.1', port, path: '/page/events', headers: { host: 'localhost' } }, resolve).on('error', reject),
  )
  assert.equal(response.statusCode, 200)
  let text = ''
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await eventually(async () => text.includes('event: hello') && text.includes('event: status'))
  response.destroy()
  return text
}

test('secrets in every URL of a running service: stderr, the page, the metrics and the command line show none', async (t) => {
  const address = await echoingCollector(t)
  const closed = `127.0.0.1:${await freePort()}`
  const sidePort = await freePort()
  const folder = temporaryFolder(t, 'secrets')
  mkdirSync(join(folder, 'app'))
  writeFileSync(
    join(folder, 'app/main.cjs'),
    `require('http').createServer((q, r) => r.end()).listen(0, function () {
  console.error('an error of the app')
  fetch('http://127.0.0.1:' + this.address().port).then(() => { console.log('ready'); setTimeout(() => process.exit(0), 20000) })
  process.on('message', () => process.exit(0))
})`,
  )
  const env = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_EXPORTER: 'otlp,zipkin',
    OTEL_METRICS_EXPORTER: 'prometheus,otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_LOGS_EXPORTER: 'otlp',
    OBS_CONSOLE_LOGS: 'export',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_BLRP_SCHEDULE_DELAY: '50',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:pl4nt-0@${address}/pl4nt-1/`,
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `http://${address}/v1/metrics?token=pl4nt-2`,
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `http://${address}/pl4nt-3/v1/logs?x=pl4nt-4`,
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: `http://${closed}/pl4nt-5/spans?pl4nt-6`,
    OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote',
    OTEL_TRACES_SAMPLER_ARG: `endpoint=http://u:pl4nt-7@${closed}/pl4nt-8?k=pl4nt-9,initialSamplingRate=1`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=pl4nt-a',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=Bearer pl4nt-b',
    OTEL_RESOURCE_ATTRIBUTES: `vcs.repository.url.full=${encodeURIComponent('https://u:pl4nt-c@git.example/r')}`,
    http_proxy: `http://u:pl4nt-d@${closed}`,
    OTEL_EXPORTER_PROMETHEUS_PORT: String(sidePort),
    OTEL_LOG_LEVEL: 'debug',
  }
  const app = startNode(t, { app: join(folder, 'app/main.cjs'), cwd: join(folder, 'app'), env })
  await app.waitFor(/^ready$/m)
  for (const signal of ['traces', 'metrics', 'logs'])
    await app.waitFor(new RegExp(`${signal}: export to http://`), 'stderr')
  await app.waitFor(/could not get a sampling strategy/, 'stderr')
  await app.waitFor(/metrics on http/, 'stderr')
  assertHides(await pageEvents(sidePort))
  const { body } = await httpGet(`http://127.0.0.1:${sidePort}/metrics`, { host: 'localhost' })
  assert.match(body, /^target_info\{/m)
  assertHides(body)
  app.kill('SIGTERM')
  const { stderr } = await app.exited
  assert.match(stderr, /HTTP 400 no /)
  assertHides(stderr)

  const free = { ...env, OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) }
  for (const args of [
    ['settings'],
    ['settings', '--json'],
    ['doctor', '--json'],
    ['doctor', '--seconds', '2', '--', process.execPath, 'main.cjs'],
  ]) {
    const { stdout, stderr: said } = await startCli(t, args, { cwd: join(folder, 'app'), env: free }).exited
    assert.match(stdout, /OTLP|collector/i, `${args.join(' ')}\n${said}`)
    assertHides(stdout + said, args.join(' '))
  }
  // The end of a process says what was not taken.
  const ended = await runNode(t, { app: 'use-end.mjs', args: ['natural'], cwd: join(folder, 'app'), env: free })
  assertHides(ended.stderr)
})
