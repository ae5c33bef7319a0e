import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { TABLE } from '../../../src/settings/table.ts'
import { decide } from '../../../src/start/decide.ts'
import { plainSettings } from '../../../src/start/early-settings.ts'
import { outlineOf, type Outline } from '../../../src/start/outline.ts'
import { plainLogLevel } from '../../../src/start/plain-environment.ts'
import { watchedBy } from '../../../src/start/watched.ts'
import { readSettings } from '../../../src/settings/read.ts'
import type { Settings } from '../../../src/settings/settings.ts'
import { inputOf } from '../../support/settings-of.ts'

type Environment = Readonly<Record<string, string>>

const isPlain = (env: Environment, files = {}): boolean => plainLogLevel(inputOf(env, files)) !== undefined

const USUAL: readonly Environment[] = [
  {},
  { PATH: '/bin', HOME: '/root', NODE_ENV: 'production', LANG: 'C' },
  { OTEL_SERVICE_NAME: 'shop-api', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-collector.monitoring:4317' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:54321', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0', OTEL_EXPORTER_PROMETHEUS_PORT: '9464', OTEL_LOG_LEVEL: 'warn' },
  { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod,service.version=1.2.3', METRICS_ENABLED: 'true' },
  { OTEL_TRACES_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'prometheus', OTEL_LOGS_EXPORTER: 'none' },
]

for (const env of USUAL) {
  test(`plain: ${JSON.stringify(env)}`, () => assert.ok(isPlain(env)))
}

const READ: readonly Environment[] = [
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:secret@collector:4317' },
  { OTEL_METRICS_EXPORTER: 'otlp' },
  { OTEL_SDK_DISABLED: 'true' },
  { OTEL_SERVICE_NAMES: 'shop' },
  { OBS_CONSOLE_LOGS: 'correlate' },
  { OTEL_LOG_LEVEL: 'debug' },
  { HTTPS_PROXY: 'http://proxy:3128' },
]

for (const env of READ) {
  test(`to be read: ${JSON.stringify(env)}`, () => assert.ok(!isPlain(env)))
}

test("a .env that may have settings is read, and any other is the app's", () => {
  assert.ok(!isPlain({}, { '/app/.env': 'OTEL_SDK_DISABLED=true' }))
  assert.ok(isPlain({}, { '/app/.env': 'DATABASE_URL=postgres://localhost/shop' }))
  assert.equal(plainLogLevel(inputOf({}, {}, { readOwnFile: denied })), undefined)
})

test('no other value of any variable is plain', () => {
  for (const row of TABLE) {
    const name = row.type === 'pattern' ? `${row.prefix}X` : row.name
    for (const text of ['', ' ', '?', 'http://[', 'x=']) assert.ok(!isPlain({ [name]: text }), `${name}=${text}`)
  }
})

/** Texts like those that are plain, and others close to them. */
const host = fc.stringMatching(/^[a-z0-9.-]{1,12}$/)
const number = fc.integer({ min: -1, max: 70_000 }).map(String)
const word = fc.stringMatching(/^[\w.=,-]{0,20}$/)
const endpoint = fc
  .tuple(fc.constantFrom('http', 'https', 'grpc'), host, number, fc.constantFrom('', '/', '/v1/traces'))
  .map(([scheme, name, port, path]) => `${scheme}://${name}:${port}${path}`)
const text = fc.oneof(
  word,
  number,
  endpoint,
  fc.constantFrom(
    'otlp',
    'prometheus',
    'none',
    'grpc',
    'true',
    'false',
    'info',
    'warn',
    'error',
    'localhost',
    '0.0.0.0',
  ),
)
const environment = fc.dictionary(fc.constantFrom(...TABLE.map(({ name }) => name)), text, { maxKeys: 4 })
const plain = fc.oneof(
  environment,
  fc.dictionary(
    fc.constantFrom(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'OTEL_EXPORTER_PROMETHEUS_PORT',
      'OTEL_SERVICE_NAME',
      'OTEL_RESOURCE_ATTRIBUTES',
      'OTEL_LOG_LEVEL',
    ),
    text,
    { maxKeys: 3 },
  ),
)

test('the assumptions about a plain environment equal its settings', () => {
  let found = 0
  fc.assert(
    fc.property(plain, (env) => {
      const input = inputOf(env)
      if (plainLogLevel(input) === undefined) return
      found += 1
      const settings = readSettings(input)
      assert.deepEqual(settings.problems, [])
      assert.deepEqual(withoutFunctions(outlineOf(input)), {
        disabledBy: settings.disabledBy,
        guardrails: settings.guardrails,
        exports: true,
        logLevel: settings.logLevel,
        startsAtOnce: false,
        problems: [],
        isPlain: settings.logs.exporters.length === 0,
      })
      if (settings.logs.exporters.length === 0) assertEarly(settings)
      assert.deepEqual(settings.metrics.exporters, ['prometheus'])
      assert.ok(settings.traces.exporters.includes('otlp'))
      const { console: consoleLogs } = settings.logs
      const { enabled, disabled, extra, options } = settings.instrumentations
      assert.deepEqual([consoleLogs, enabled, disabled, extra, options], [[], undefined, [], [], {}])
    }),
    { numRuns: 800 },
  )
  assert.ok(found > 30, `${found} plain environments`)
})

test('the names that are watched by default are those of the catalog', () => {
  const { names, hasFetch } = outlineOf(inputOf({})).watched()
  const selected = watchedBy(readSettings(inputOf({})).instrumentations)
  assert.deepEqual([names, hasFetch], [selected.names, selected.hasFetch])
})

test('a process whose exporters are all none is not instrumented', () => {
  const facts = {
    nodeVersion: '24.0.0',
    mainScript: '/app/main.js',
    invocation: { main: '/app/main.js', checksOnly: false, asked: true },
    requiresBuiltinsAlone: false,
    lambdaHandler: undefined,
    otherSdk: false,
  }
  const guardrails = { always: [], never: [] }
  const decided = decide(facts, { disabledBy: undefined, guardrails, exports: false })
  assert.deepEqual(decided, { start: false, reason: 'every exporter is none', isLogged: false })
})

function denied(): never {
  throw new Error('EACCES')
}

function withoutFunctions(outline: Outline): object {
  return Object.fromEntries(Object.entries(outline).filter(([, value]) => typeof value !== 'function'))
}

/** Of the signals, only some members are early settings. */
function assertEarly(settings: Settings): void {
  const { traces, metrics, logs, ...whole } = plainSettings(settings.logLevel)
  for (const key of Object.keys(whole) as (keyof typeof whole)[]) assert.deepEqual(settings[key], whole[key])
  const exportersAndConsole = [settings.traces.exporters, settings.metrics.exporters, settings.logs.console]
  assert.deepEqual(exportersAndConsole, [traces.exporters, metrics.exporters, logs.console])
}
