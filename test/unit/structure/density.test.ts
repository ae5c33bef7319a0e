import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '../../..')
const MAX_LINES = 250
/** Longer files, and why they are. */
const LONG: Readonly<Record<string, string>> = {
  'src/settings/settings.ts': 'types alone',
  'scripts/dashboard.ts': 'mostly the panels of the dashboard, which are data',
  'src/export/wire-writer.ts': 'one class, whose methods share a private buffer',
  'src/sdk/deferred-span.ts': 'one class, whose methods share private fields',
}
const MAX_AVERAGE_CHARACTERS = 38
const MAX_CHARACTERS_OF_A_FILE = 52
/** Files with fewer lines of code say little by their average. */
const LEAST_LINES = 30

/** Long lines that are data: lists of words, rows of a table, texts of dependencies, a document. */
const DATA = /database-words|privacy\/redis|primordials|table-|scripts\/(?:patches|client-matrix)/

const files = globSync('{src,scripts}/**/*.{ts,tsx}', { cwd: ROOT }).filter((file) => !file.includes('.generated.'))

/** Returns the lines of code, without indentation, comments, imports and blank lines. */
function codeLines(file: string): string[] {
  const code = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '')
  const lines = code.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('//') && !line.startsWith('import '))
}

const averageOf = (lines: readonly string[]): number =>
  lines.reduce((sum, { length }) => sum + length, 0) / lines.length

test(`a file has at most ${MAX_LINES} lines`, () => {
  const long = files.filter(
    (file) => LONG[file] === undefined && readFileSync(join(ROOT, file), 'utf8').split('\n').length > MAX_LINES + 1,
  )
  assert.deepEqual(long, [], 'one concept a file')
})

test(`a line of code has on average at most ${MAX_AVERAGE_CHARACTERS} characters`, () => {
  const average = averageOf(files.flatMap(codeLines))
  assert.ok(average <= MAX_AVERAGE_CHARACTERS, `${average} characters`)
})

test(`the code of no file is denser than ${MAX_CHARACTERS_OF_A_FILE} characters a line`, () => {
  const dense = files
    .filter((file) => !DATA.test(file))
    .map((file) => ({ file, lines: codeLines(file) }))
    .filter(({ lines }) => lines.length >= LEAST_LINES && averageOf(lines) > MAX_CHARACTERS_OF_A_FILE)
  assert.deepEqual(
    dense.map(({ file, lines }) => `${file}: ${averageOf(lines).toFixed(1)}`),
    [],
    'give parts of expressions a name',
  )
})
