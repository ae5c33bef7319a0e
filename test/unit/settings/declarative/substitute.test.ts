import { Problem } from '../../../../src/base/problem.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFile } from '../../../../src/settings/declarative/parse-file.ts'

const ENV: Readonly<Record<string, string>> = {
  STRING_VALUE: 'value',
  BOOL_VALUE: 'true',
  INT_VALUE: '1',
  FLOAT_VALUE: '1.1',
  HEX_VALUE: '0xdeadbeef',
  INVALID_MAP_VALUE: 'value\nkey:value',
  DO_NOT_REPLACE_ME: 'Never use this value',
  REPLACE_ME: '${DO_NOT_REPLACE_ME}',
  VALUE_WITH_ESCAPE: 'value$$',
}

/** The table of configuration/data-model.md#environment-variable-substitution. */
const cases: readonly (readonly [written: string, read: unknown])[] = [
  ['${STRING_VALUE}', 'value'],
  ['${BOOL_VALUE}', true],
  ['${INT_VALUE}', 1],
  ['${FLOAT_VALUE}', 1.1],
  ['${HEX_VALUE}', 3_735_928_559],
  ['"${STRING_VALUE}"', 'value'],
  ['"${BOOL_VALUE}"', 'true'],
  ['"${INT_VALUE}"', '1'],
  ['"${FLOAT_VALUE}"', '1.1'],
  ['"${HEX_VALUE}"', '0xdeadbeef'],
  ['${env:STRING_VALUE}', 'value'],
  ['${INVALID_MAP_VALUE}', 'value\nkey:value'],
  ['foo ${STRING_VALUE} ${FLOAT_VALUE}', 'foo value 1.1'],
  ['${UNDEFINED_KEY}', null],
  ['${UNDEFINED_KEY:-fallback}', 'fallback'],
  ['${REPLACE_ME}', '${DO_NOT_REPLACE_ME}'],
  ['${UNDEFINED_KEY:-${STRING_VALUE}}', '${STRING_VALUE}'],
  ['$${STRING_VALUE}', '${STRING_VALUE}'],
  ['$$${STRING_VALUE}', '$value'],
  ['$$$${STRING_VALUE}', '$${STRING_VALUE}'],
  ['$${STRING_VALUE:-fallback}', '${STRING_VALUE:-fallback}'],
  ['$${STRING_VALUE:-${STRING_VALUE}}', '${STRING_VALUE:-value}'],
  ['${UNDEFINED_KEY:-$${UNDEFINED_KEY}}', '${UNDEFINED_KEY:-${UNDEFINED_KEY}}'],
  ['${VALUE_WITH_ESCAPE}', 'value$$'],
  ['a $$ b', 'a $ b'],
  ['a $ b', 'a $ b'],
]

/** `distribution` takes whatever is written. */
function fileWith(scalar: string): string {
  return `file_format: "1.0"\ndistribution:\n  x:\n    key: ${scalar}\n`
}

for (const [written, read] of cases) {
  test(`key: ${written}`, () => {
    const file = parseFile(fileWith(written), (name) => ENV[name])
    assert.ok(!(file instanceof Problem), JSON.stringify(file))
    assert.deepEqual(file.model['distribution'], { x: { key: read } })
  })
}

test('an invalid reference is an error, and the file is not used', () => {
  for (const [written, shown] of [
    ['${STRING_VALUE:?s3cret}', '${STRING_VALUE…}'],
    ['${1API_KEY}', '${1API_KEY}'],
    ['${API_$KEY}', '${API_…}'],
    ['${sys:x}', '${sys…}'],
  ] as const) {
    const fault = parseFile(fileWith(written), (name) => ENV[name])
    assert.deepEqual(fault, new Problem(`${shown} is not a reference to a variable`))
  }
})

test('keys are not substituted, and references are recorded', () => {
  const yaml = 'file_format: "1.0"\ndistribution:\n  "${STRING_VALUE}":\n    a: ${A:-x}\n    b: ${B}\n'
  const file = parseFile(yaml, () => undefined)
  assert.ok(!(file instanceof Problem), JSON.stringify(file))
  assert.deepEqual(file.model['distribution'], { '${STRING_VALUE}': { a: 'x', b: null } })
  assert.deepEqual([...file.referenced], ['A', 'B'])
})
