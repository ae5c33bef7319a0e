import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PATCHES } from '../../../scripts/patches/patches.ts'

const ROOT = join(import.meta.dirname, '../../..')

for (const { name, reason, upstream, test: file, changes } of PATCHES) {
  test(`the patch "${name}" states its reason, its upstream report, and the test that needs it`, () => {
    assert.match(reason, /^[A-Z`].+\.$/)
    assert.match(upstream, /https:\/\/github\.com\/|^No issue yet.+\.$/)
    assert.ok(existsSync(join(ROOT, file)), `${file} does not exist`)
    assert.ok(changes.length > 0)
  })
}

test('no two patches have one name', () => {
  const names = PATCHES.map(({ name }) => name)
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
})
