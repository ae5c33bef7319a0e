import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const SRC = join(import.meta.dirname, '../../../src')

/** A result of a type of ours, or a text or an error in its place: `): Endpoint | string`, `type Entry = { … } | string`. */
const RESULT = /\): (?:Promise<)?(?:string \| [A-Z]\w+|[A-Z]\w+ \| (?:string|Error))\b(?!\[|\.)/g
const ALIAS = /^(?:export )?type \w+(?:<[^=]+>)? = (?:[^\n]*[}>] \| (?:string|Error)|(?:string|Error) \| \{[^\n]*)$/gm

test('an expected failure is a Problem, and no text or error in the place of a result', () => {
  const found = globSync('**/*.{ts,tsx}', { cwd: SRC }).flatMap((file) => {
    const code = readFileSync(join(SRC, file), 'utf8')
    return [...code.matchAll(RESULT), ...code.matchAll(ALIAS)].map(([text]) => `${file}: ${text}`)
  })
  assert.deepEqual(found, [], 'return `Value | Problem` of src/base/problem.ts')
})

test('a text in the place of a result is found', () => {
  for (const code of [
    'function read(text: string): Endpoint | string {',
    'async read(): Promise<Endpoint | Error> {',
    'type Entry = { readonly key: string } | string',
  ])
    assert.ok([...code.matchAll(RESULT), ...code.matchAll(ALIAS)].length > 0, code)
})
