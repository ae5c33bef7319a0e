import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { catalogSources } from '../../../scripts/catalog.ts'
import { CLIENTS } from '../../../scripts/client-descriptors.ts'
import { OWN_INSTRUMENTATIONS } from '../../../scripts/own-instrumentations.ts'
import { withCosts } from '../../../scripts/costs.ts'
import { withSettingsTable } from '../../../scripts/configuration.ts'
import { CATALOG } from '../../../src/hooks/catalog.generated.ts'
import { VERSION } from '../../../src/base/version.ts'
import { ROOT } from '../../support/paths.ts'

test('docs/configuration.md has the settings table of the code', () => {
  const document = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8')
  assert.equal(withSettingsTable(document), document, 'run `node scripts/configuration.ts`')
})

test('the costs in the README are those of the benchmarks', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  assert.equal(withCosts(readme), readme, 'run `node scripts/costs.ts`')
})

test("telemetry reports the package's version", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  assert.equal(VERSION, version)
})

test("the catalog has every instrumentation of upstream's set, and ours", () => {
  const manifest = join(ROOT, 'node_modules/@opentelemetry/auto-instrumentations-node/package.json')
  const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies: Record<string, string> }
  const upstream = Object.keys(dependencies).flatMap((name) => /instrumentation-(.+)/.exec(name)?.[1] ?? [])
  assert.ok(upstream.length > 35, `${upstream.length} instrumentations`)
  assert.deepEqual(
    Object.keys(CATALOG).toSorted(),
    [...new Set([...upstream, ...OWN_INSTRUMENTATIONS.map(({ name }) => name), ...CLIENTS.keys()])].toSorted(),
  )
  assert.deepEqual(
    catalogSources().map(({ name }) => name),
    Object.keys(CATALOG).toSorted(),
  )
})
