import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { CATALOG } from '../../../src/hooks/catalog.generated.ts'
import { readNamedOptions } from '../../../src/hooks/named-options.ts'
import { OPTIONS } from '../../../src/hooks/options.generated.ts'

const options: readonly (readonly [key: string, text: string, read: object])[] = [
  ['PG_REQUIRE_PARENT_SPAN', 'True', { pg: { requireParentSpan: true } }],
  ['AWS_SDK_SUPPRESS_INTERNAL_INSTRUMENTATION', 'false', { 'aws-sdk': { suppressInternalInstrumentation: false } }],
  ['SOCKET_IO_TRACE_RESERVED', 'true', { 'socket.io': { traceReserved: true } }],
  ['NESTJS_CORE_ENABLED', 'false', { 'nestjs-core': { enabled: false } }],
  ['KNEX_MAX_QUERY_LENGTH', '100', { knex: { maxQueryLength: 100 } }],
  ['PINO_LOG_KEYS_TRACE_ID', '1', { pino: { logKeys: { traceId: '1' } } }],
  ['EXPRESS_IGNORE_LAYERS', 'query', { express: { ignoreLayers: ['query'] } }],
  ['EXPRESS_IGNORE_LAYERS_TYPE', 'router, middleware,', { express: { ignoreLayersType: ['router', 'middleware'] } }],
  // The option is written without its capital F.
  ['HTTP_REQUIRE_PARENT_FOR_OUTGOING_SPANS', 'true', { http: { requireParentforOutgoingSpans: true } }],
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
    assert.deepEqual(readNamedOptions({ [key]: text }), { options: expected, problems: [] })
  })
}

const refused: readonly (readonly [key: string, text: string, line: string])[] = [
  ['NOPE_X', 'x', ' names no instrumentation; it is ignored'],
  ['HPG_X', 'x', ' names no instrumentation; it is ignored'],
  ['HTTPS_X', 'x', ' names no instrumentation, OBS_INSTRUMENTATION_HTTP_… may be meant; it is ignored'],
  ['PG', 'x', ' names no instrumentation, OBS_INSTRUMENTATION_PG_… may be meant; it is ignored'],
  ['DATALOADER_', 'x', ' names no option of dataloader; it has ENABLED, REQUIRE_PARENT_SPAN; it is ignored'],
  ['DATALOADER___PROTO__', 'x', ' names no option of dataloader; it has ENABLED, REQUIRE_PARENT_SPAN; it is ignored'],
  ['PG_REQUIRE_PARENT_SPANS', 'true', ' names no option of pg; REQUIRE_PARENT_SPAN may be meant; it is ignored'],
  ['PG_ENHANCED_DB_REPORTING', 'true', /it has .*ENHANCED_DATABASE_REPORTING.*; it is ignored$/.source],
  ['PG_REQUIRE_PARENT_SPAN', 'yes', '="yes" is not true or false; it is ignored'],
  ['KNEX_MAX_QUERY_LENGTH', '1e3', '="1e3" is not a number; it is ignored'],
  ['MONGOOSE_RESPONSE_HOOK', 'x', ' takes a function, which no variable can hold; it is ignored'],
  ['WINSTON_SEVERITY_MAPPING', 'x', ' takes an object, which no variable can hold; it is ignored'],
]

for (const [key, text, line] of refused) {
  test(`OBS_INSTRUMENTATION_${key}=${text} is reported in one line`, () => {
    const { options: none, problems } = readNamedOptions({ [key]: text })
    assert.deepEqual(none, {})
    assert.equal(problems.length, 1)
    if (line.includes('.*')) assert.match(problems[0] ?? '', new RegExp(line))
    else assert.equal(problems[0], `OBS_INSTRUMENTATION_${key}${line}`)
  })
}

test('each instrumentation has its options, read from its declarations', () => {
  assert.deepEqual(Object.keys(OPTIONS), Object.keys(CATALOG))
  for (const options of Object.values(OPTIONS)) assert.equal(options['enabled'], 'boolean')
  assert.ok(Object.values(OPTIONS).filter((kinds) => Object.keys(kinds).length > 1).length > 25)
})

test('each option can be set by the name that log lines show, except functions, objects and obsolete options', () => {
  for (const [name, kinds] of Object.entries(OPTIONS)) {
    for (const [option, kind] of Object.entries(kinds)) {
      const key = `${name}.${option}`
        .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
        .replaceAll(/[^A-Za-z0-9]/g, '_')
        .toUpperCase()
      const text = kind === 'boolean' ? 'true' : '1'
      const { problems } = readNamedOptions({ [key]: text })
      assert.equal(problems.length, ['function', 'object', 'gone'].includes(kind) ? 1 : 0, key)
    }
  }
})

test('any variable is an option or one log line, and changes no prototype', () => {
  const key = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc
      .tuple(fc.constantFrom('PG', 'HTTP', 'SOCKET_IO', 'AWS'), fc.string({ maxLength: 30 }))
      .map((both) => both.join('_')),
    fc.constantFrom('PG___proto__', 'PG_CONSTRUCTOR', 'HTTP___proto___x', '__proto___X'),
  )
  fc.assert(
    fc.property(fc.dictionary(key, fc.string({ unit: 'binary' })), (texts) => {
      const { options, problems } = readNamedOptions(texts)
      const set = Object.values(options).reduce((sum, each) => sum + Object.keys(each).length, 0)
      assert.ok(set + problems.length <= Object.keys(texts).length)
      for (const line of problems) assert.ok(line.startsWith('OBS_INSTRUMENTATION_'))
      assert.equal(Object.keys(Object.prototype).length, 0)
    }),
    { numRuns: 300 },
  )
})
