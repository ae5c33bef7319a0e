import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CATALOG } from '../../../src/hooks/catalog.generated.ts'
import { ROOT } from '../../support/paths.ts'

/**
 * Every name of an attribute that the instrumentations of this version know, each one looked at for what it may carry
 * (`src/privacy/attributes.ts`). A new version that knows another fails here: judge it, then add it to the file.
 */
const JUDGED = JSON.parse(readFileSync(join(import.meta.dirname, 'judged-attributes.json'), 'utf8')) as Record<
  string,
  string[]
>

function attributesOf(name: string): string[] {
  const folder = name === 'fastify' ? '@fastify/otel' : `@opentelemetry/instrumentation-${name}/dist`
  const found = new Set<string>()
  for (const file of globSync(join(ROOT, 'node_modules', folder, name === 'fastify' ? 'index.js' : '**/*.mjs'))) {
    const text = readFileSync(file, 'utf8')
    for (const [constant] of text.matchAll(/\bATTR_[A-Z0-9_]+\b/g)) found.add(constant)
    for (const [, literal = ''] of text.matchAll(/["'`]([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+\.?)(?:["'`]|\$\{)/g))
      found.add(literal)
  }
  return [...found].toSorted()
}

test('every attribute of every instrumentation is judged', () => {
  const known = Object.fromEntries(Object.keys(CATALOG).map((name) => [name, attributesOf(name)]))
  assert.deepEqual(known, JUDGED)
})
