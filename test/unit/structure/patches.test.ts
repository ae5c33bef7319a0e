import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PATCHES } from '../../../scripts/patches/patches.ts'

const ROOT = join(import.meta.dirname, '../../..')

for (const { reason, upstream, test: tests, patches } of PATCHES) {
  const name = patches[0]?.file ?? reason
  test(`the patch of ${name} states its reason, its upstream report, and the test that needs it`, () => {
    assert.match(reason, /^[A-Z`].+\.$/)
    assert.match(upstream, /https:\/\/github\.com\/|^No issue yet/)
    for (const file of tests.split(', ')) assert.ok(existsSync(join(ROOT, file)), `${file} is not there`)
    assert.ok(patches.length > 0)
  })
}
