import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../support/paths.ts'

/** In this repository every package resolves; in a user's folder only what package.json names does. */
const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
}

test('the bundle requires only its own files, builtins and the dependency', () => {
  const allowed = new Set([...builtinModules, ...Object.keys(dependencies)])
  const strays: string[] = []
  for (const file of globSync(join(ROOT, 'dist', '*.cjs'))) {
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/[\s(=]_*require\(["']([^"'`]+)["']\)/g)) {
      const inside = specifier.startsWith('./') || specifier.startsWith('node:')
      if (!inside && !allowed.has(specifier)) strays.push(`${file.slice(ROOT.length)}: ${specifier}`)
    }
  }
  assert.deepEqual(strays, [])
})

/** In sloppy code, a wrapper that passes `this` on passes `globalThis` where the caller gave none, and failed assignments are silent. */
test('every file of the bundle is strict, as the sources are', () => {
  const files = globSync(join(ROOT, 'dist', '*.cjs'))
  const sloppy = files.filter((file) => !/^(?:\/\*.*\*\/\s*)?["']use strict["']/s.test(readFileSync(file, 'utf8')))
  assert.ok(files.length > 50)
  assert.deepEqual(sloppy, [])
})

test('the bundle contains no second, CommonJS copy of OpenTelemetry', () => {
  const copies = globSync(join(ROOT, 'dist', '*.cjs')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^\s*\/\/ (node_modules\/@opentelemetry\/.*\.cjs)$/gm)].map(
      ([, module]) => module,
    ),
  )
  assert.deepEqual(copies, [])
})

/** The files that come with these, in their order; what a function loads later is not among them. */
function loadedWith(...entries: readonly string[]): string[] {
  const loaded = new Set<string>()
  const visit = (file: string): void => {
    if (loaded.has(file)) return
    loaded.add(file)
    const text = readFileSync(join(ROOT, 'dist', file), 'utf8')
    for (const [, next = ''] of text.matchAll(/^(?:const|let) .* = require\("\.\/(.*)"\);?$/gm)) visit(next)
  }
  for (const entry of entries) visit(entry)
  return [...loaded].toSorted()
}

test('files loaded before the decision to start contain no OpenTelemetry code', () => {
  assert.deepEqual(loadedWith('start.cjs'), ['start.cjs'])
  const known = ['settings.cjs', 'shared-common.cjs', 'start.cjs', 'watched.cjs']
  assert.deepEqual(loadedWith('start.cjs', 'settings.cjs', 'watched.cjs'), known)
})

test('what every start loads holds no YAML parser and nothing else of parts that few use', () => {
  const shared = loadedWith('start.cjs', 'settings.cjs', 'stages.cjs').filter((file) => file.startsWith('shared-'))
  const known = ['api', 'common', 'instrumentation', 'rolldown-runtime', 'sdk'].map((name) => `shared-${name}.cjs`)
  assert.deepEqual(
    shared.filter((file) => !known.includes(file)),
    [],
  )
  // What somebody shares with the start by accident.
  const bytes = ['api', 'sdk'].map((name) => readFileSync(join(ROOT, `dist/shared-${name}.cjs`)).length)
  assert.ok(bytes.reduce((sum, each) => sum + each, 0) < 130_000, bytes.join())
})

test('the preload does not load the command line', () => {
  const files = globSync(join(ROOT, 'dist', '*.cjs'))
  const others = files.filter((file) => !/[\\/](?:cli|shared-cli)[^\\/]*$/.test(file))
  const readers = others.filter((file) => /require\("\.\/(?:cli|shared-cli)/.test(readFileSync(file, 'utf8')))
  assert.ok(files.length > others.length)
  assert.deepEqual(readers, [])
})

test('the export worker is one file without SDK code', () => {
  assert.deepEqual(loadedWith('export-worker.cjs'), ['export-worker.cjs'])
  assert.ok(readFileSync(join(ROOT, 'dist/export-worker.cjs')).length < 100_000)
})
