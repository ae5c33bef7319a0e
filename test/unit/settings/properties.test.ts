import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { TABLE } from '../../../src/settings/table.ts'
import { settingsOf } from '../../support/settings-of.ts'

/** Texts near what the parsers look for, and any text at all. */
const word = fc.constantFrom(
  'otlp',
  'none',
  'http://',
  'https://',
  'unix:',
  'dns:',
  'h',
  ':4317',
  ':80',
  '/',
  '[::1]',
  '@',
)
const mark = fc.constantFrom(
  '=',
  ',',
  '%',
  '%20',
  '%zz',
  ' ',
  '"',
  ';',
  '-1',
  '0',
  '1e3',
  '?',
  '#',
  '\0',
  '\n',
  '*',
  'é',
  '💥',
)
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.oneof(word, mark), { maxLength: 12 }).map((parts) => parts.join('')),
  fc
    .array(fc.tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 })), { maxLength: 5 })
    .map((pairs) => pairs.map((pair) => pair.join('=')).join(',')),
)
const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...TABLE.map((row) => row.name)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }).map((tail) => `OTEL_EXPORTER_OTLP_${tail}`) },
)
const environment = fc.dictionary(name, text, { maxKeys: 12 })

function assertFrozen(value: unknown, path = 'settings'): void {
  if (typeof value !== 'object' || value === null) return
  assert.ok(Object.isFrozen(value), path)
  for (const [key, member] of Object.entries(value)) assertFrozen(member, `${path}.${key}`)
}

test('any environment: nothing throws, all is frozen, at most one line a variable', () => {
  fc.assert(
    fc.property(environment, (env) => {
      const settings = settingsOf(env)
      assertFrozen(settings)
      const variables = settings.problems.map(({ variable }) => variable)
      assert.equal(new Set(variables).size, variables.length, JSON.stringify(settings.problems))
      for (const { message, variable } of settings.problems) {
        assert.ok(message.startsWith(variable))
        assert.doesNotMatch(message, /[\p{Cc}\p{Zl}\p{Zp}]/u)
      }
      assert.deepEqual(settingsOf(env), settings)
    }),
    {
      numRuns: 600,
      examples: [
        [{ OTEL_TRACES_EXPORTER: 'a\u009b31m\u2028b', OTEL_EXPORTER_OTLP_HEADERS: 'a\u0085b\u0007c=1' }],
        [{ OTEL_EXPORTER_OTLP_ENDPOINT: '=\notlp', OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: '\u0000' }],
      ],
    },
  )
})

test('any argument of a remote sampler: sound settings, at most one line', () => {
  const part = fc.oneof(
    fc.constantFrom('endpoint=', 'pollingIntervalMs=', 'initialSamplingRate=', ',', 'http://h:1'),
    text,
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const { traces, problems } = settingsOf({
        OTEL_TRACES_SAMPLER: 'jaeger_remote',
        OTEL_TRACES_SAMPLER_ARG: parts.join(''),
      })
      const { endpoint = '', pollingIntervalMs = 0, initialRate = -1 } = traces.sampler.remote ?? {}
      assert.ok(['http:', 'https:'].includes(new URL(endpoint).protocol))
      assert.ok(pollingIntervalMs >= 1 && initialRate >= 0 && initialRate <= 1)
      assert.ok(problems.length <= 1)
    }),
    { numRuns: 300 },
  )
})

test('any .env: nothing throws, at most one line a variable', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, text)), (lines) => {
      const file = lines.map(([key, value]) => `${key}=${value}`).join('\n')
      const variables = settingsOf({}, { '/app/.env': file }).problems.map(({ variable }) => variable)
      assert.equal(new Set(variables).size, variables.length)
    }),
    { numRuns: 250 },
  )
})

test('every endpoint has a host and, for gRPC, a port', () => {
  fc.assert(
    fc.property(text, fc.constantFrom('grpc', 'http/json'), fc.boolean(), (endpoint, protocol, insecure) => {
      const { otlp } = settingsOf({
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_INSECURE: String(insecure),
      }).traces
      if (protocol === 'grpc') assert.match(otlp.endpoint, /^(?:unix:(?!\/\/).+|https?:\/\/[^/?#@]+:\d+)$/s)
      else assert.ok(new URL(otlp.endpoint).pathname.endsWith('/v1/traces'), otlp.endpoint)
    }),
    { numRuns: 800 },
  )
})

/** Long enough not to be part of a line by chance. */
const secret = fc.stringMatching(/^[A-Z2-7]{12}[ =%:;é]?[A-Z2-7]{6}$/)
const sensitive = fc.constantFrom(...TABLE.filter((row) => row.sensitive === true).map((row) => row.name))
const around = fc.constantFrom(
  (value: string) => value,
  (value: string) => `authorization=${value}`,
  (value: string) => `authorization=${value}é\0,`,
  (value: string) => `x y=${value}, =${value},${value}`,
  (value: string) => `Authorization: ${value}=`,
  (value: string) => `x-bin=${value},grpc-x=${value},a\tb=${value}`,
)

test('no line contains a sensitive value', () => {
  fc.assert(
    fc.property(sensitive, around, secret, (variable, wrap, value) => {
      for (const { message } of settingsOf({ [variable]: wrap(value) }).problems) {
        assert.ok(!message.includes(value.slice(0, 12)), message)
      }
    }),
    { numRuns: 500 },
  )
})

test('a password in an endpoint is in no line', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('http://', 'ftp://', '', 'dns:'),
      secret,
      fc.constantFrom('', ':x', '/p'),
      (start, value, end) => {
        const settings = settingsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: `${start}me:${value}@host${end}` })
        for (const { message } of settings.problems) assert.ok(!message.includes(value.slice(0, 12)), message)
      },
    ),
    { numRuns: 250 },
  )
})
