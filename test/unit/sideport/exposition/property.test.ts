import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { diag, DiagLogLevel } from '@opentelemetry/api'
import type { Attributes, Meter } from '@opentelemetry/api'
import * as fc from 'fast-check'
import type { TranslationStrategy } from '../../../../src/settings/settings.ts'
import { ACCEPT, bytesOf, collected, textOf, withExemplars } from '../../../support/collected-metrics.ts'
import { openMetricsParser, promtool } from '../judges.ts'
import { decodeFamilies } from '../../../support/metric-family.ts'

// The SDK warns of each odd name it is given; here they are all odd.
before(() => diag.setLogger({ error() {}, warn() {}, info() {}, debug() {}, verbose() {} }, DiagLogLevel.NONE))

const NASTY = [
  '"',
  '\\',
  '\n',
  '\r',
  '\0',
  '{',
  '}',
  ',',
  '=',
  '#',
  ' ',
  ';',
  '_',
  '.',
  ':',
  '\uD800',
  '😀',
  'é',
  '1',
  'x',
]
const nasty = fc.array(fc.constantFrom(...NASTY), { maxLength: 8 }).map((parts) => parts.join(''))
const anyText = fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ maxLength: 12 }))

/** Names that come to the same family, or claim one another's samples. */
const BASES = ['x', 'a.b', 'a_b', 'target', 'otel_scope', '__name__', '1x', 'exponential']
const SUFFIXES = ['', '_total', '.total', '_count', '.count', '_sum', '_bucket', '_created', '_info', '_seconds', '.x']
const clashing = fc.tuple(fc.constantFrom(...BASES), fc.constantFrom(...SUFFIXES)).map((parts) => parts.join(''))
const name = fc.oneof({ weight: 3, arbitrary: clashing }, { weight: 1, arbitrary: anyText })
const unit = fc.oneof(fc.constantFrom('', 's', '1', 'By', 'm/s', '{x}', '%'), anyText)

const LABEL_KEYS = ['le', 'quantile', '__name__', 'a.b', 'a_b', 'otel.scope.name', 'job', '', '1', 'exported_le', 'A']
const key = fc.oneof(fc.constantFrom(...LABEL_KEYS), anyText)
const scalar = fc.oneof(anyText, fc.double(), fc.boolean(), fc.constant(undefined))
const attributes = fc.dictionary(key, fc.oneof(scalar, fc.array(anyText, { maxLength: 3 })), {
  maxKeys: 5,
  noNullPrototype: true,
}) as fc.Arbitrary<Attributes>

const kind = fc.constantFrom('counter', 'gauge', 'upDown', 'histogram', 'observable')
const boundaries = fc
  .uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 6 })
  .map((bounds) => bounds.toSorted((a, b) => a - b))
const instrument = fc.record({
  kind,
  name,
  unit,
  description: anyText,
  scope: fc.tuple(fc.oneof(fc.constantFrom('', 'a', 'b'), anyText), anyText),
  boundaries,
  points: fc.array(fc.tuple(fc.double(), attributes), { maxLength: 6 }),
})
const exemplar = fc.record({
  value: fc.double(),
  timestampMs: fc.integer({ min: 0, max: 2e12 }),
  traceId: fc.constant('0af7651916cd43dd8448eb211c80319c'),
  // Not with braces: the judge takes any for the end of an exemplar's labels.
  filteredAttributes: fc.dictionary(key, fc.oneof(fc.string({ maxLength: 60 }), fc.double())).map(withoutBraces),
})
const STRATEGIES: TranslationStrategy[] = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
]
const scenario = fc.record({
  instruments: fc.array(instrument, { minLength: 1, maxLength: 12 }),
  resource: fc.dictionary(key, anyText, { maxKeys: 4, noNullPrototype: true }),
  exemplars: fc.array(exemplar, { maxLength: 3 }),
  translationStrategy: fc.constantFrom(...STRATEGIES),
  scopeLabels: fc.boolean(),
  escaping: fc.constantFrom('underscores', 'dots', 'values'),
})

function withoutBraces(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([k, v]) => [k, String(v).replaceAll('}', ')')]))
}

type Instrument = typeof instrument extends fc.Arbitrary<infer T> ? T : never

function record(meter: Meter, { kind, name, unit, description, boundaries, points }: Instrument): void {
  const options = { unit, description }
  if (kind === 'observable') {
    meter.createObservableCounter(name, options).addCallback((observed) => {
      for (const [value, attributes] of points) observed.observe(value, attributes)
    })
    return
  }
  const advice = { explicitBucketBoundaries: boundaries }
  const add =
    kind === 'counter'
      ? meter.createCounter(name, options)
      : kind === 'upDown'
        ? meter.createUpDownCounter(name, options)
        : undefined
  const recorder =
    kind === 'gauge' ? meter.createGauge(name, options) : meter.createHistogram(name, { ...options, advice })
  for (const [value, attributes] of points) {
    if (add !== undefined) add.add(value, attributes)
    else recorder.record(value, attributes)
  }
}

const judgeText = promtool()
const judgeOpenMetrics = openMetricsParser()

function assertNoneTwice(things: readonly string[]): void {
  const twice = things.find((thing, i) => things.indexOf(thing) !== i)
  assert.equal(twice, undefined, 'a family or series twice')
}

/** A sample without its value. */
function seriesOf(line: string): string {
  return line.slice(0, line.lastIndexOf(' '))
}

test('no name, unit, attribute or value can make an exposition that a scraper refuses', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ instruments, resource, exemplars, escaping, ...options }) => {
      const recorded = await collected((_, meterOf) => {
        for (const one of instruments) record(meterOf(...one.scope), one)
      }, resource)
      const result = withExemplars(recorded, () => exemplars)

      const text = textOf(result, `${ACCEPT.text};escaping=${escaping}`, options)
      assertNoneTwice(
        text
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('#'))
          .map(seriesOf),
      )
      assert.equal(judgeText?.(text), undefined, text)

      const openMetrics = textOf(result, `${ACCEPT.openMetrics};escaping=${escaping}`, options)
      assert.equal(judgeOpenMetrics?.(openMetrics), undefined, openMetrics)

      const families = decodeFamilies(bytesOf(result, ACCEPT.protobuf, options))
      const names = families.map((family) => family.name)
      assertNoneTwice(names)
      for (const { metric } of families) {
        assertNoneTwice(
          metric.map(({ label }) => JSON.stringify((label ?? []).map((l) => [l.name, l.value]).toSorted())),
        )
      }
    }),
    { numRuns: Number(process.env['OBS_PROPERTY_RUNS'] ?? 30) },
  )
})
