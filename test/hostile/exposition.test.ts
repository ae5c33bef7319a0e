import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attributes } from '@opentelemetry/api'
import fc from 'fast-check'
import { ACCEPT, bytesOf, collected, textOf, withExemplars } from '../support/collected-metrics.ts'
import { decodeFamilies } from '../support/metric-family.ts'

/** What would be another sample, label, line, field or message where it is not escaped or counted in bytes. */
const PIECES = [
  '"',
  '\\',
  '\n',
  '\r',
  '\0',
  '\u2028',
  '\ud800',
  '\udfff',
  '😀',
  '{',
  '}',
  ',',
  '=',
  '# EOF\n',
  '# TYPE evil counter\n',
  'evil_total 1\n',
  'le',
  '__name__',
  'job',
  '\x0a\x05evil!',
  '\x22\x7f',
  '\u0080',
  '\u001b[2J',
  'a',
]
const hostile = fc.string({ unit: fc.constantFrom(...PIECES), maxLength: 12 })
const attributes = fc.dictionary(hostile, hostile, { maxKeys: 4 })
const input = fc.record({
  name: hostile,
  scope: hostile,
  description: hostile,
  unit: hostile,
  labels: attributes,
  exemplar: attributes,
  resource: attributes,
})

type Input = typeof input extends fc.Arbitrary<infer Value> ? Value : never

async function record({
  name,
  scope,
  description,
  unit,
  labels,
  exemplar,
  resource,
}: Input): ReturnType<typeof collected> {
  const result = await collected(
    (_, meterOf) => {
      // The SDK takes only names that begin with a letter.
      const meter = meterOf(scope, scope, scope)
      meter.createCounter(`a${name}`, { description, unit }).add(1, labels)
      meter.createHistogram('b', { description, advice: { explicitBucketBoundaries: [1] } }).record(1, labels)
    },
    resource as Record<string, string>,
  )
  return withExemplars(result, () => [{ value: 1, time: [1, 0], attributes: exemplar as Attributes }] as never)
}

function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

function isWellFormed(text: string): boolean {
  return wellFormed(text) === text
}

function assertWhole(labels: readonly { readonly name: string; readonly value: string }[]): void {
  const names = labels.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length, `a label twice: ${JSON.stringify(names)}`)
  for (const { name, value } of labels) {
    assert.ok(name !== '' && name !== '__name__', JSON.stringify(name))
    assert.ok(isWellFormed(value) && isWellFormed(name))
  }
}

test('no name, label, description, unit, scope, exemplar or resource can create another family or sample in protobuf', async () => {
  await fc.assert(
    fc.asyncProperty(input, async (given) => {
      const families = decodeFamilies(bytesOf(await record(given)))
      const own = families.filter(({ name }) => name !== 'target_info')
      assert.ok(own.length <= 2, own.map(({ name }) => name).join())
      for (const { metric, help = '' } of families) {
        assert.equal(metric.length, 1)
        assert.ok(isWellFormed(help))
        for (const { label = [] } of metric) assertWhole(label)
      }
      // All values are there, each whole: those of labels that come to one name are joined.
      const values = own.flatMap(({ metric }) => metric.flatMap(({ label = [] }) => label.map(({ value }) => value)))
      for (const value of Object.values(given.labels).filter((each) => each !== '')) {
        const whole = wellFormed(value).replaceAll('\0', '\ufffd')
        assert.ok(own.length === 0 || values.some((each) => each.includes(whole)), JSON.stringify([value, values]))
      }
    }),
    { numRuns: 120 },
  )
})

const QUOTED = String.raw`"(?:[^"\\\n]|\\["\\n])*"`
const LABEL = String.raw`(?:[a-zA-Z_][a-zA-Z0-9_]*|${QUOTED})=${QUOTED}`
const SET = String.raw`\{(?:(?:${QUOTED},?)?(?:${LABEL}(?:,${LABEL})*)?,?)?\}`
const NUMBER = String.raw`(?:[+-]?(?:\d[\d.e+-]*|Inf)|NaN)`
const LINE = new RegExp(
  `^(?:# (?:HELP|TYPE|UNIT) (?:[a-zA-Z_:][\\w:]*|${QUOTED})(?: [^\\n]*)?|# EOF|(?:[a-zA-Z_:][\\w:]*)?(?:${SET})? ?${NUMBER}(?: ${NUMBER})?(?: # ${SET} ${NUMBER}(?: ${NUMBER})?)?)$`,
)

for (const format of ['text', 'openMetrics', 'utf8'] as const) {
  test(`nor another line in ${format}`, async () => {
    await fc.assert(
      fc.asyncProperty(input, async (given) => {
        const text = textOf(await record(given), ACCEPT[format])
        const lines = text.split('\n')
        assert.equal(lines.pop(), '')
        for (const line of lines) assert.match(line, LINE)
        assert.equal(lines.filter((line) => line === '# EOF').length, format === 'text' ? 0 : 1)
        assert.ok(!lines.some((line) => /^(?:# TYPE )?evil/.test(line)))
        assert.ok(lines.filter((line) => !line.startsWith('#')).length <= 2 + 5 + 1)
      }),
      { numRuns: 80 },
    )
  })
}
