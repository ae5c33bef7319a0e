import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CATALOG } from '../../../src/hooks/catalog.generated.ts'
import { OWN_INSTRUMENTATIONS } from '../../../scripts/own-instrumentations.ts'
import { CLIENTS } from '../../../scripts/client-descriptors.ts'
import { ROOT } from '../../support/paths.ts'

/**
 * Every name of an attribute that the instrumentations of this version know, each one looked at for what it may carry
 * (`src/privacy/attribute-rules.ts`). A new version that knows another fails here: judge it, then add it to the file.
 */
const JUDGED = JSON.parse(readFileSync(join(import.meta.dirname, 'judged-attributes.json'), 'utf8')) as Record<
  string,
  string[]
>

const SOURCES = join(ROOT, 'src/instrumentation')
/** These make upstream's spans too: on request, or for older versions. */
const WITH_UPSTREAMS = new Set(['nestjs-core', 'grpc'])
const OURS = new Set([
  ...OWN_INSTRUMENTATIONS.map(({ name }) => name).filter((name) => !WITH_UPSTREAMS.has(name)),
  ...[...CLIENTS].flatMap(([name, { hooks }]) => (hooks === undefined ? [] : [name])),
])

function filesOf(name: string): string[] {
  return globSync(join(ROOT, `node_modules/@opentelemetry/instrumentation-${name}/dist/**/*.mjs`))
}

function attributesIn(files: readonly string[]): string[] {
  const found = new Set<string>()
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    for (const [constant] of text.matchAll(/\bATTR_[A-Z0-9_]+\b/g)) found.add(constant)
    for (const [, literal = ''] of text.matchAll(/["'`]([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+\.?)(?:["'`]|\$\{)/g))
      found.add(literal)
  }
  return [...found].toSorted()
}

test('every attribute of every instrumentation is judged', () => {
  const upstream = Object.keys(CATALOG).filter((name) => !OURS.has(name))
  const known = Object.fromEntries(upstream.map((name) => [name, attributesIn(filesOf(name))]))
  const frameworks = attributesIn(globSync(join(SOURCES, '{frameworks,graphql}/*.ts')))
  const clients = attributesIn(globSync(join(SOURCES, '{clients,operations}/*.ts')))
  const rpc = attributesIn(globSync(join(SOURCES, 'rpc/*.ts')))
  const spans = attributesIn(globSync(join(ROOT, 'src/sdk/*.ts')))
  assert.deepEqual({ ...known, clients, frameworks, rpc, spans }, JUDGED)
})
