import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/paths.ts'

/** Two copies of any of these in the bundle would be two registries, two hook tables or two contexts. */
const LOCK = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { dev?: boolean }>
}

// The mock receiver is a process of its own kind: what is nested under it is never bundled.
const paths = Object.keys(LOCK.packages).filter((path) => !path.startsWith('node_modules/@elastic/'))
const names = new Set(
  paths.map((path) => path.split('node_modules/').at(-1) ?? '').filter((name) => name.startsWith('@opentelemetry/')),
)
const hooks = ['import-in-the-middle', 'require-in-the-middle']

for (const name of [...names, ...hooks]) {
  test(`one copy of ${name}`, () => {
    const copies = paths.filter((path) => path.endsWith(`node_modules/${name}`))
    assert.deepEqual(copies, [`node_modules/${name}`])
  })
}

test('the set is there at all', () => {
  for (const name of ['sdk-trace', 'sdk-metrics', 'core', 'resources', 'instrumentation', 'api']) {
    assert.ok(names.has(`@opentelemetry/${name}`), name)
  }
})
