import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { MODULES_FILE, type ModulesByFile } from '../../scripts/modules.ts'

/**
 * What may be in the files that a server loads, and in the one for a configuration file: packages, and bytes before
 * minification. A package that comes into one of them, or a part of the SDK that is no longer left out, is a cost of
 * every start.
 */
const ALLOWED: Readonly<Record<string, { readonly maxBytes: number; readonly packages?: readonly string[] }>> = {
  'start.cjs': { maxBytes: 43_000 },
  'settings.cjs': { maxBytes: 82_000 },
  'shared-common.cjs': { maxBytes: 16_500 },
  // Before the first span:
  'stages.cjs': { maxBytes: 37_000 },
  'shared-api.cjs': {
    maxBytes: 82_000,
    packages: ['api', 'core', 'sdk-trace', 'semantic-conventions'],
  },
  // With it:
  'sdk-stages.cjs': {
    maxBytes: 136_000,
    packages: ['api', 'exporter-prometheus', 'sdk-metrics', 'sdk-trace'],
  },
  'shared-sdk.cjs': {
    maxBytes: 47_500,
    packages: ['core', 'resources', 'sdk-metrics', 'sdk-trace'],
  },
  'shared-instrumentation.cjs': {
    maxBytes: 41_000,
    packages: ['import-in-the-middle', 'instrumentation', 'module-details-from-path'],
  },
  'instrumentation-http.cjs': { maxBytes: 42_000 },
  'shared-http.cjs': { maxBytes: 27_000 },
  'instrumentation-express.cjs': { maxBytes: 1200 },
  'shared-frameworks.cjs': { maxBytes: 24_500 },
  'shared-esm.cjs': { maxBytes: 122_000, packages: ['es-module-lexer', 'import-in-the-middle'] },
  'export-worker.cjs': { maxBytes: 69_000 },
  'span-encoder.cjs': { maxBytes: 15_500 },
  'fleet.cjs': { maxBytes: 20_000 },
  'shared-fleet.cjs': { maxBytes: 40_000 },
  'sideport-server.cjs': { maxBytes: 66_000 },
  // Without the descriptions of the schema.
  'config-file.cjs': { maxBytes: 515_000, packages: ['configuration'] },
}

const modulesByFile = JSON.parse(readFileSync(MODULES_FILE, 'utf8')) as ModulesByFile

for (const [file, { maxBytes, packages = [] }] of Object.entries(ALLOWED)) {
  test(`${file} contains nothing that it did not contain before`, () => {
    const modules = Object.entries(modulesByFile[file] ?? {})
    const listed = modules.slice(0, 15).map(([name, bytes]) => `${bytes} ${name}`)
    const found = new Set(modules.flatMap(([name, bytes]) => (bytes > 0 ? (packageOf(name) ?? []) : [])))
    assert.deepEqual([...found].toSorted(), packages)
    const bytes = modules.reduce((sum, [, each]) => sum + each, 0)
    assert.ok(bytes > maxBytes / 2 && bytes <= maxBytes, `${bytes} bytes; the largest are\n${listed.join('\n')}`)
  })
}

/** The name without OpenTelemetry's scope. */
function packageOf(module: string): string | undefined {
  return /^.*?node_modules\/(?:@opentelemetry\/)?((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1]
}
