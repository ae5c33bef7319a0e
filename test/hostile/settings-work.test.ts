import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse as parseByExpression } from 'dotenv'
import fc from 'fast-check'
import { readNamedOptions } from '../../src/hooks/named-options.ts'
import { parse } from '../../src/settings/parse-dot-env.ts'
import { stepsOf } from '../support/steps.ts'
import { settingsOf } from '../support/settings-of.ts'

/** Files that come with a folder, and what they may make a start cost. */

const lines = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n')

const DOT_ENV: Readonly<Record<string, (n: number) => string>> = {
  'names that are nearly ours': (n) => lines(n, (each) => `OTEL_SERVICE_NAM${each}=1`),
  'options of instrumentations': (n) => lines(n, (each) => `OBS_INSTRUMENTATION_HTT_${each}=1`),
  'attributes of the resource': (n) =>
    `OTEL_RESOURCE_ATTRIBUTES=${lines(n, (each) => `k${each}=%`).replaceAll('\n', ',')}`,
  'headers that are none': (n) => `OTEL_EXPORTER_OTLP_HEADERS="${':,'.repeat(n)}"`,
  'entries of OBS_REDACT': (n) => `OBS_REDACT='${'/(/,'.repeat(n)}'`,
  'slashes of an endpoint': (n) =>
    `OTEL_EXPORTER_OTLP_PROTOCOL=http/json\nOTEL_EXPORTER_OTLP_ENDPOINT=http://h${'/'.repeat(n)}x`,
  'a list of propagators': (n) => `OTEL_PROPAGATORS=${'x,'.repeat(n)}`,
  'open quotes': (n) => lines(n, () => 'OTEL_SERVICE_NAME="\\"'),
}

const CONFIGURATION: Readonly<Record<string, (n: number) => string>> = {
  'keys of the file': (n) => lines(n, (each) => `k${each}: 1`),
  'keys in braces': (n) => `resource: {${lines(n, (each) => `k${each}: 1`).replaceAll('\n', ',')}}`,
  'attributes of a resource': (n) =>
    `resource:\n  attributes:\n${lines(n, (each) => `    - { name: n${each}, value: 1 }`)}`,
  'references that never close': (n) => `log_level: "${'${'.repeat(n)}"`,
  'a variable of many keys': (n) => `log_level: \${LONG:-${lines(n, (each) => `k${each}: 1`).replaceAll('\n', ' ')}}`,
}

const ROWS = [
  ...Object.entries(DOT_ENV).map(([label, text]) => ({
    label: `a .env of ${label}`,
    maxSteps: 350,
    read: (n: number) => settingsOf({}, { '/app/.env': text(n) }),
  })),
  ...Object.entries(CONFIGURATION).map(([label, text]) => ({
    label: `a configuration file of ${label}`,
    maxSteps: 1200,
    read: (n: number) => settingsOf({ OTEL_CONFIG_FILE: '/c.yaml' }, { '/c.yaml': `file_format: "1.0"\n${text(n)}\n` }),
  })),
]

for (const { label, maxSteps, read } of ROWS) {
  test(`${label}: twice as much takes twice the steps, and the lines are few`, () => {
    const once = stepsOf(() => read(250))
    const twice = stepsOf(() => read(500))
    assert.ok(twice < 2.3 * once + 1000, `${once} steps, and ${twice} for twice the input`)
    assert.ok(twice < 500 * maxSteps, `${twice / 500} steps an entry`)
    const { problems } = read(500)
    assert.ok(problems.length <= 60, `${problems.length} lines`)
    for (const { message } of problems) assert.ok(message.length < 2500, `${message.length} characters`)
  })
}

const MEGABYTES: Readonly<Record<string, string>> = {
  'blank lines': `${'\n'.repeat(1_000_000)}!`,
  'slashes of an endpoint': `OTEL_EXPORTER_OTLP_PROTOCOL=http/json\nOTEL_EXPORTER_OTLP_ENDPOINT=http://h${'/'.repeat(1_000_000)}x`,
  'open quotes': 'A="\\"\n'.repeat(150_000),
  'names that are nearly ours': lines(50_000, (n) => `OTEL_SERVICE_NAM${n}=1`),
}

for (const [label, text] of Object.entries(MEGABYTES)) {
  test(`a .env with a megabyte of ${label} is read`, { timeout: 20_000 }, () => {
    const { resource } = settingsOf({}, { '/app/.env': `${text}\nOTEL_SERVICE_NAME=a` })
    assert.equal(resource.serviceName, 'a')
  })
}

test('the scanner of a .env gives the same results as the expression', () => {
  const unit = fc.constantFrom(
    'A',
    '=',
    '\n',
    '"',
    "'",
    '`',
    '#',
    '\\',
    'n',
    ' ',
    '\t',
    'export ',
    ':',
    '\r\n',
    '.',
    '-',
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), (text) => assert.deepEqual(parse(text), parseByExpression(text))),
    { numRuns: 2000 },
  )
})

test('of more than a hundred expressions in OBS_REDACT a hundred are used, and a line says so', () => {
  const { privacy, problems } = settingsOf({ OBS_REDACT: '/(a|b)*c/,'.repeat(5000) })
  assert.equal(privacy.redact.patterns.length, 100)
  assert.match(problems.map(({ message }) => message).join(), /comes after 100 expressions/)
})

test('more options of instrumentations than there are: some are read, and a few lines say so', () => {
  const texts = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`HTTP_X${n}`, '1']))
  const { problems } = readNamedOptions(texts)
  assert.ok(problems.length <= 60, `${problems.length}`)
  const thousand = Object.fromEntries(Object.entries(texts).slice(0, 1000))
  assert.ok(stepsOf(() => readNamedOptions(texts)) < stepsOf(() => readNamedOptions(thousand)) + 1000)
  assert.match(problems.join('\n'), /4800 variables OBS_INSTRUMENTATION_… are ignored/)
})
