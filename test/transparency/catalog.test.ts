import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CATALOG } from '../../src/hooks/catalog.generated.ts'
import { directivesOf } from './directives.ts'

/** Entries without a scenario, and why. */
const WITHOUT: Readonly<Record<string, string>> = {
  ai: 'none yet: tests of its spans alone',
  'aws-lambda': 'it is no library: test/e2e holds the handler of a function',
  'better-sqlite3': 'its binary is compiled or downloaded when it is installed',
  connectrpc: 'the framework matrix compares what its servers answer',
  elasticsearch: 'none yet: tests of its spans alone',
  elysia: 'the framework matrix compares what it answers',
  'host-metrics': 'it measures the machine',
  opensearch: 'none yet: tests of its spans alone',
  'runtime-node': 'it measures the process',
}

test('every entry of the catalog has a scenario, or a reason why it has none', () => {
  const files = globSync(join(import.meta.dirname, '{scenarios,programs}/*.{cjs,mjs}'))
  const directives = files.map((file) => directivesOf(readFileSync(file, 'utf8')))
  const covered = new Set(directives.flatMap(({ packages, covers }) => [...packages, ...covers]))
  const without = Object.entries(CATALOG)
    .filter(([entry, { packages }]) => ![entry, ...Object.keys(packages)].some((name) => covered.has(name)))
    .map(([entry]) => entry)
  assert.deepEqual(without.toSorted(), Object.keys(WITHOUT).toSorted())
})
