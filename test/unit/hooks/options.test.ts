import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withSettings } from '../../../src/hooks/options.ts'
import { settingsOf } from '../../support/settings-of.ts'

type Options = ReturnType<typeof withSettings>

function read(env: Readonly<Record<string, string>>, named: Options = {}): Options {
  return withSettings(named, settingsOf(env).instrumentations)
}

const OF_DEFAULTS = ['aws-sdk', 'bunyan', 'pino', 'winston']

test('without settings, the only options are those that withhold values, log records and duplicate spans', () => {
  assert.deepEqual(Object.keys(read({})).toSorted(), OF_DEFAULTS)
  assert.deepEqual(read({})['aws-sdk'], { suppressInternalInstrumentation: true })
  assert.deepEqual(read({})['pino'], { disableLogSending: true })
  assert.deepEqual(Object.keys(read({ OTEL_LOGS_EXPORTER: 'otlp', OBS_CAPTURE: 'sql' })), ['aws-sdk'])
})

test('data allowed by OBS_CAPTURE is recorded, unless an option of the instrumentation disables it', () => {
  const options = read({ OBS_CAPTURE: 'all', OTEL_LOGS_EXPORTER: 'otlp' }, { graphql: { allowValues: false } })
  assert.equal(hookOf({ OBS_CAPTURE: 'redis' }, 'ioredis', 'dbStatementSerializer')('set' as never), 'set')
  assert.deepEqual(
    [options['graphql'], options['mongodb'], options['memcached'], options['openai']],
    [
      { allowValues: false },
      { enhancedDatabaseReporting: true },
      { enhancedDatabaseReporting: true },
      { captureMessageContent: true },
    ],
  )
})

test('named options are kept together with settings that have their own variables', () => {
  const options = read({ OBS_IGNORE_PATHS: '/x' }, { http: { enabled: true }, pg: { enabled: false } })
  assert.deepEqual(Object.keys(options['http'] ?? {}), ['enabled', 'ignoreIncomingRequestHook'])
  assert.deepEqual(options['pg'], { enabled: false })
})

type Hook = (request: object) => unknown

function hookOf(env: Readonly<Record<string, string>>, name: string, option: string): Hook {
  return (read(env)[name] as Record<string, Hook>)[option] as Hook
}

const paths: readonly (readonly [pattern: string, url: string, ignored: boolean])[] = [
  ['/healthz', '/healthz', true],
  ['/healthz', '/healthz?full=1', true],
  ['/healthz', '/healthz/x', false],
  ['/ready*', '/ready/now', true],
  ['*/ping', '/a/ping', true],
  ['/a*b*c', '/aXbXc', true],
  ['/a*b*c', '/aXcXb', false],
  ['/aa*aa', '/aaa', false],
  ['*', '/', true],
  [`/${'*a'.repeat(30)}`, `/${'a'.repeat(20_000)}b`, false],
]

for (const [pattern, url, ignored] of paths) {
  test(`OBS_IGNORE_PATHS=${pattern.slice(0, 20)} and ${url.slice(0, 20)}`, () => {
    assert.equal(
      hookOf({ OBS_IGNORE_PATHS: `/other,${pattern}` }, 'http', 'ignoreIncomingRequestHook')({ url }),
      ignored,
    )
  })
}

const hosts: readonly (readonly [pattern: string, authority: string, ignored: boolean])[] = [
  ['Vault.internal', 'vault.internal:8200', true],
  ['vault.internal:8200', 'vault.internal:8200', true],
  ['vault.internal:1', 'vault.internal:8200', false],
  ['*.amazonaws.com', 's3.amazonaws.com:443', true],
  ['*.amazonaws.com', 'amazonaws.com:443', false],
]

for (const [pattern, authority, ignored] of hosts) {
  test(`OBS_IGNORE_HOSTS=${pattern} and ${authority}`, () => {
    const options = read({ OBS_IGNORE_HOSTS: pattern })
    for (const name of ['http', 'undici']) {
      const { ignoresHost } = options[name] as { ignoresHost: (authority: string) => boolean }
      assert.equal(ignoresHost(authority), ignored)
    }
  })
}

test('known methods replace the list', () => {
  const env = { OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'GET,purge' }
  for (const name of ['http', 'undici']) {
    assert.deepEqual((read(env)[name] as { knownMethods: unknown }).knownMethods, ['GET', 'PURGE'])
  }
})

test('prompts are recorded on request', () => {
  const env = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true' }
  assert.deepEqual(read(env)['openai'], { captureMessageContent: true })
})
