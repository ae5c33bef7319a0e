import assert from 'node:assert/strict'
import { test } from 'node:test'
import { propagation, ROOT_CONTEXT, type TextMapPropagator } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { matchesGlob } from '../../src/base/glob.ts'
import { linearExpression } from '../../src/privacy/linear-expression.ts'
import { createRedaction } from '../../src/privacy/redaction.ts'
import { sanitizeSql } from '../../src/privacy/sql.ts'
import { JaegerPropagator, OtTracePropagator } from '../../src/providers/older-propagators.ts'
import type { RedactionSettings } from '../../src/settings/settings.ts'
import { stepsOf } from '../support/steps.ts'

/** The README's own expressions, and one that takes a backtracking engine exponential time. */
const README = String.raw`[\w.+-]+@[\w-]+\.[\w.]+ \b(?:\d[\x20-]?){13,19}\b`.split(' ')
const EXPONENTIAL = ['(?:a+)+$']

let traces = 0

function redact(parts: object, sources: readonly string[] = []): void {
  const patterns: RedactionSettings['patterns'] = sources.map((source) => ({ source, flags: 'g' }))
  // Each in a trace of its own: the budget must not hide what an attack costs.
  const traceId = String(++traces).padStart(32, '0')
  const span = {
    name: '',
    attributes: {},
    status: { code: 2 },
    events: [],
    links: [],
    instrumentationScope: { name: '' },
    spanContext: () => ({ traceId }),
    ...parts,
  }
  createRedaction({ capture: [], redact: { patterns, attributes: [] } }, linearExpression).span(
    span as unknown as ReadableSpan,
  )
}

function databaseError(message: string, statement = 'select * from users where id = $1'): object {
  return {
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': statement },
    status: { code: 2, message },
  }
}

/** Extracts as many headers as that from a request. */
function baggage(propagator: TextMapPropagator, prefix: string, count: number): void {
  const headers = Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}k${index}`, 'v']))
  const context = propagator.extract(ROOT_CONTEXT, headers, {
    keys: Object.keys,
    get: (_, name) => headers[name],
  })
  assert.ok((propagation.getBaggage(context)?.getAllEntries().length ?? 0) > 0)
}

const words = (count: number): string => Array.from({ length: count / 6 }, (_, index) => ` 'w${index}'`).join('')

/** Inputs of about `n` characters, each of which took more than its length once. */
const ATTACKS: Readonly<Record<string, (n: number) => void>> = {
  'an id full of quoted words in the error of a database': (n) =>
    redact(databaseError(`invalid input: "x"${words(n)}`)),
  'quotes of many kinds': (n) => redact(databaseError(`'"\`«`.repeat(n / 4))),
  'brackets that never close': (n) => redact(databaseError('([{'.repeat(n / 3))),
  'a statement repeated in its error': (n) => redact(databaseError(`b${'a'.repeat(n)}`, `b${'a'.repeat(n / 2)}`)),
  'a known message almost repeated': (n) => {
    const patterned = createRedaction({ capture: [], redact: { patterns: [], attributes: [] } }, linearExpression)
    const failed = (attributes: object, message: string): void =>
      patterned.span({
        attributes,
        status: { code: 2, message },
        events: [],
        links: [],
        instrumentationScope: { name: '' },
        spanContext: () => ({ traceId: '1' }),
      } as unknown as ReadableSpan)
    failed({ 'db.system.name': 'mysql' }, `aaaaaaaaaaaaaaaab${'a'.repeat(n / 2)}`)
    failed({}, `aaaaaaaaaaaaaaaab${'a'.repeat(n / 2 - 1)}`.repeat(2))
  },
  'OBS_REDACT of the README, a path of letters': (n) => redact({ attributes: { p: 'a'.repeat(n) } }, README),
  'OBS_REDACT of the README, a path of digits': (n) => redact({ attributes: { p: '1'.repeat(n) } }, README),
  'OBS_REDACT, nested repetition': (n) => redact({ attributes: { p: `${'a'.repeat(n)}!` } }, EXPONENTIAL),
  'a query of many parameters': (n) => redact({ attributes: { 'url.query': 'a=b&'.repeat(n / 4) } }),
  'a path of many parameters': (n) => redact({ attributes: { 'url.path': ';a=b'.repeat(n / 4) } }),
  'many URLs in a message': (n) => redact({ status: { code: 2, message: 'http://a:b@c '.repeat(n / 13) } }),
  ...Object.fromEntries(
    [
      'a:',
      'http:',
      '//',
      '//a',
      '//[',
      'http:[',
      'a:b//',
      'url from ',
      'http://a:"',
      '?',
      '?a',
      '?a=',
      '#',
      '://?',
      "'",
    ].map((part) => [
      `a message of ${JSON.stringify(part)} and an @`,
      (n: number) => redact({ status: { code: 2, message: `${part.repeat(n / part.length)} @` } }),
    ]),
  ),
  'an ignore glob': (n) => void matchesGlob('/a*a*a*a*b', `/${'a'.repeat(n)}`),
  'baggage of Jaeger': (n) => baggage(new JaegerPropagator(), 'uberctx-', n / 8),
  'baggage of LightStep': (n) => baggage(new OtTracePropagator(), 'ot-baggage-', n / 8),
  ...Object.fromEntries(
    ['[ ', '/* ', '/* */ ', '$a', "E'\\", '"', '-', '(?,', 'IN (?,', '1.e', 'identified by '].flatMap((part) =>
      ['', 'postgresql', 'mysql', 'oracle.db'].map((system) => [
        `SQL of ${JSON.stringify(part)} for ${system || 'an unknown system'}`,
        (n: number) => void sanitizeSql(`${part.repeat(n / part.length)}] */ ${++traces}`, system),
      ]),
    ),
  ),
}

const CHARS = 2048
/** Steps a character: an attack pays for the text it sends, at no rate that is worth it. */
const MAX_STEPS_A_CHARACTER = 70

for (const [name, attack] of Object.entries(ATTACKS)) {
  test(`privacy work is linear: ${name}`, () => {
    attack(CHARS)
    const once = stepsOf(() => attack(CHARS))
    const twice = stepsOf(() => attack(2 * CHARS))
    assert.ok(twice < 2.5 * once + 1000, `${once} steps, and ${twice} for twice the input`)
    assert.ok(twice < 2 * CHARS * MAX_STEPS_A_CHARACTER, `${Math.round(twice / 2 / CHARS)} steps a character`)
  })
}

test('the work for one trace is bounded, whatever the number and length of its texts', () => {
  const redaction = createRedaction(
    {
      capture: [],
      redact: { patterns: README.map((source) => ({ source, flags: 'g' })), attributes: [] },
    },
    linearExpression,
  )
  const attributes = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`a${index}`, `${index} bob@example.com ${'1 '.repeat(4000)}`]),
  )
  const span = {
    name: 'GET',
    attributes,
    status: { code: 0 },
    events: [],
    links: [],
    instrumentationScope: { name: '' },
    spanContext: () => ({ traceId: '1'.repeat(32) }),
  }
  const steps = stepsOf(() => redaction.span(span as unknown as ReadableSpan))
  assert.ok(steps < 3_000_000, `${steps} steps`)
  assert.equal(attributes['a999'], 'REDACTED')
  assert.ok(Object.values(attributes).every((value) => !value.includes('bob')))
})
