import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsTableMarkdown } from '../../../src/settings/markdown.ts'
import { parseValue } from '../../../src/settings/parse.ts'
import { rowOf, TABLE } from '../../../src/settings/table.ts'
import { SPEC_VARIABLES } from '../../support/spec-variables.ts'
import { settingsOf } from '../../support/settings-of.ts'

test('each variable of the specification is on the table', () => {
  for (const name of SPEC_VARIABLES) assert.equal(rowOf(name)?.name, name)
})

test('each variable is on the table once', () => {
  const names = TABLE.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
})

test('each fallback is on the table, of the same type, and ends', () => {
  for (const row of TABLE) {
    const seen = new Set<string>()
    for (let at: typeof row | undefined = row; at?.fallback !== undefined; at = rowOf(at.fallback)) {
      assert.ok(!seen.has(at.name), `${row.name} goes round`)
      seen.add(at.name)
      assert.equal(rowOf(at.fallback)?.type, row.type)
    }
  }
})

test('each default is a value that the row would accept', () => {
  for (const row of TABLE) {
    if (row.default === undefined || row.default === Infinity || Array.isArray(row.default)) continue
    assert.deepEqual(parseValue(row, String(row.default)), { value: row.default }, row.name)
  }
})

test('the table of the documents has a line for each variable, and its cells hold', () => {
  const lines = settingsTableMarkdown().split('\n')
  for (const { name } of TABLE) {
    const [line, ...more] = lines.filter((text) => text.startsWith(`| \`${name}\` |`))
    assert.equal(more.length, 0)
    assert.equal(line?.split(/(?<!\\)\|/).length, 6, name)
    assert.doesNotMatch(line ?? '', /undefined|\[object|Infinity/)
  }
})

test('each variable has a source', () => {
  const { sources } = settingsOf({ OTEL_SERVICE_NAME: 'a' }, { '/app/.env': 'OTEL_LOG_LEVEL=warn\nPORT=3000\n' })
  const named = TABLE.filter(({ type }) => type !== 'pattern').map(({ name }) => name)
  assert.deepEqual(Object.keys(sources).toSorted(), named.toSorted())
  assert.equal(sources.OTEL_SERVICE_NAME, 'environment')
  assert.equal(sources.OTEL_LOG_LEVEL, '.env')
  assert.equal(sources.OTEL_PROPAGATORS, 'default')
})
