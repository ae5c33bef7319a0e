import assert from 'node:assert/strict'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../../support/paths.ts'

const UNIT = join(ROOT, 'test', 'unit')

test('npm test runs each folder of unit tests once', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { test: string } }
  const [, byFile = ''] = /test\/unit\/\{([\w,]+)\}/.exec(scripts.test) ?? []
  const together = globSync(join(UNIT, '*.test.ts')).flatMap((entry) => {
    const [, names = ''] = /runTestsOf\(([^)]*)\)/.exec(readFileSync(entry, 'utf8')) ?? []
    return [...names.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
  })
  const folders = readdirSync(UNIT, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  assert.deepEqual([...byFile.split(','), ...together].toSorted(), folders.map(({ name }) => name).toSorted())
})
