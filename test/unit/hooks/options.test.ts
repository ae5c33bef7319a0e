import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions, type ReadOptions } from '../../../src/hooks/options.ts'
import { settingsOf } from '../settings/support.ts'

const KNOWN = ['aws', 'aws-sdk', 'express', 'http', 'nestjs-core', 'openai', 'pg', 'socket.io', 'undici']

function read(env: Readonly<Record<string, string>>): ReadOptions {
  return readOptions(settingsOf(env).instrumentations, KNOWN)
}

const options: readonly (readonly [key: string, text: string, read: object])[] = [
  ['PG_REQUIRE_PARENT_SPAN', 'True', { pg: { requireParentSpan: true } }],
  ['AWS_SDK_SUPPRESS_INTERNAL_INSTRUMENTATION', 'false', { 'aws-sdk': { suppressInternalInstrumentation: false } }],
  ['SOCKET_IO_TRACE_RESERVED', 'true', { 'socket.io': { traceReserved: true } }],
  ['NESTJS_CORE_ENABLED', 'false', { 'nestjs-core': { enabled: false } }],
  ['PG_MAX', '-1.5', { pg: { max: -1.5 } }],
  ['PG_TEXT', '1a', { pg: { text: '1a' } }],
  ['PG_SOME', 'a, b,', { pg: { some: ['a', 'b'] } }],
  ['EXPRESS_IGNORE_LAYERS', 'query', { express: { ignoreLayers: ['query'] } }],
  [
    'HTTP_HEADERS_TO_SPAN_ATTRIBUTES_SERVER_REQUEST_HEADERS',
    'x-id',
    { http: { headersToSpanAttributes: { server: { requestHeaders: ['x-id'] } } } },
  ],
  [
    'UNDICI_HEADERS_TO_SPAN_ATTRIBUTES_RESPONSE_HEADERS',
    'x-id,x-b',
    { undici: { headersToSpanAttributes: { responseHeaders: ['x-id', 'x-b'] } } },
  ],
]

for (const [key, text, expected] of options) {
  test(`OBS_INSTRUMENTATION_${key}=${text}`, () => {
    assert.deepEqual(read({ [`OBS_INSTRUMENTATION_${key}`]: text }), { options: expected, problems: [] })
  })
}

const refused: readonly (readonly [key: string, line: RegExp])[] = [
  ['NOPE_X', /no instrumentation/],
  ['PG', /no instrumentation/],
  ['PG_', /names no option/],
  ['PG_lower', /names no option/],
  ['PG___PROTO__', /names no option/],
  ['HTTP_HEADERS_TO_SPAN_ATTRIBUTES', /names no option/],
  ['HTTP_HEADERS_TO_SPAN_ATTRIBUTES_SERVER', /names no option/],
  ['HTTP_REQUEST_HOOK', /"requestHook" takes a function/],
]

for (const [key, line] of refused) {
  test(`OBS_INSTRUMENTATION_${key} is a line`, () => {
    const { options: none, problems } = read({ [`OBS_INSTRUMENTATION_${key}`]: 'x' })
    assert.deepEqual(none, {})
    assert.equal(problems.length, 1)
    assert.match(problems[0] ?? '', line)
  })
}

test('nothing set is no option', () => assert.deepEqual(read({}), { options: {}, problems: [] }))

type Hook = (request: object) => unknown

function hookOf(env: Readonly<Record<string, string>>, name: string, option: string): Hook {
  return (read(env).options[name] as Record<string, Hook>)[option] as Hook
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

const hosts: readonly (readonly [pattern: string, options: object, origin: string, ignored: boolean])[] = [
  ['Vault.internal', { hostname: 'vault.internal', port: 8200 }, 'http://vault.internal:8200', true],
  ['vault.internal:8200', { host: 'vault.internal:8200' }, 'http://vault.internal:8200', true],
  ['vault.internal:1', { hostname: 'vault.internal', port: '8200' }, 'http://vault.internal:8200', false],
  ['*.amazonaws.com', { host: 's3.amazonaws.com' }, 'https://s3.amazonaws.com', true],
  ['*.amazonaws.com', { host: 'amazonaws.com' }, 'https://amazonaws.com', false],
]

for (const [pattern, request, origin, ignored] of hosts) {
  test(`OBS_IGNORE_HOSTS=${pattern} and ${origin}`, () => {
    const env = { OBS_IGNORE_HOSTS: pattern }
    assert.equal(hookOf(env, 'http', 'ignoreOutgoingRequestHook')(request), ignored)
    assert.equal(hookOf(env, 'undici', 'ignoreRequestHook')({ origin }), ignored)
  })
}

test('known methods replace the list', () => {
  const attributes = hookOf({ OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'GET,purge' }, 'undici', 'startSpanHook')
  assert.deepEqual(attributes({ method: 'PURGE' }), { 'http.request.method': 'PURGE' })
  assert.deepEqual(attributes({ method: 'PUT' }), {
    'http.request.method': '_OTHER',
    'http.request.method_original': 'PUT',
  })
})

test('prompts are recorded when asked for', () => {
  const env = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true' }
  assert.deepEqual(read(env).options, { openai: { captureMessageContent: true } })
})
