import assert from 'node:assert/strict'
import { test } from 'node:test'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../../..')
const SRC = join(ROOT, 'src')
const EXPORTED = /^export (?:declare )?(?:abstract )?(?:async )?(?:class|interface|type|function\*?|const|enum) (\w+)/gm

/** Names that two files may export, and why. */
const MEANT_TWICE: Readonly<Record<string, string>> = {
  client: 'each file of src/instrumentation/clients exports its descriptor by this name',
  load: "Node.js calls a loader's hook by this name",
  setRoute: 'the function of the public API does what the inner one does, for the active request',
}

const TYPE = /^(?:export )?(?:abstract )?(?:class|interface|type|enum) (\w+)[^\n]*(?:\n(?! *\n|[a-z@/}]).*)*/gm

test('no name of a type stands for two things, exported or not', () => {
  const definitions = new Map<string, Map<string, string>>()
  // The types in src/instrumentation/ have the names of the libraries, of which each has its own request and method.
  for (const file of globSync('**/*.{ts,tsx}', { cwd: SRC, exclude: ['instrumentation/**'] })) {
    for (const [text, name = ''] of readFileSync(join(SRC, file), 'utf8').matchAll(TYPE)) {
      const known = definitions.get(name) ?? new Map<string, string>()
      definitions.set(name, known.set(text.replace(/^export /, ''), file))
    }
  }
  const twice = [...definitions].filter(([, { size }]) => size > 1)
  assert.deepEqual(
    twice.map(([name, files]) => `${name}: ${[...files.values()].join(', ')}`),
    [],
  )
})

test('no exported name is defined in two files', () => {
  const files = new Map<string, Set<string>>()
  for (const file of globSync('**/*.{ts,tsx}', { cwd: SRC })) {
    for (const [, name = ''] of readFileSync(join(SRC, file), 'utf8').matchAll(EXPORTED)) {
      files.set(name, (files.get(name) ?? new Set()).add(file))
    }
  }
  const twice = [...files].filter(([name, { size }]) => size > 1 && MEANT_TWICE[name] === undefined)
  assert.deepEqual(
    twice.map(([name, where]) => `${name}: ${[...where].join(', ')}`),
    [],
  )
  for (const name of Object.keys(MEANT_TWICE)) assert.ok((files.get(name)?.size ?? 0) > 1, `${name} is defined once`)
})

/** Names that two files may have, and why. */
const FILES_MEANT_TWICE: Readonly<Record<string, string>> = {
  'aws-sdk.ts': 'a client has its descriptor and, where hooks do not suffice, its instrumentation',
  'configuration.ts': 'each file of scripts/patches is named after the package that it patches',
}

test('no two files of src and scripts have the same name', () => {
  const files = new Map<string, string[]>()
  // A view (.tsx) of the page is named after the model that it shows.
  for (const file of globSync('{src,scripts}/**/*.ts', { cwd: ROOT })) {
    const name = basename(file)
    files.set(name, [...(files.get(name) ?? []), file])
  }
  const twice = [...files].filter(([name, where]) => where.length > 1 && FILES_MEANT_TWICE[name] === undefined)
  assert.deepEqual(
    twice.map(([, where]) => where.join(', ')),
    [],
  )
  for (const name of Object.keys(FILES_MEANT_TWICE)) {
    assert.ok((files.get(name)?.length ?? 0) > 1, `${name} exists once`)
  }
})
