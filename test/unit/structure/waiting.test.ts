import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const TEST = join(import.meta.dirname, '../..')
/** The two helpers that wait: for a condition, and for a time that a test is about. */
const HELPERS = new Set(['support/eventually.ts', 'support/pause.ts'])
/** Programs that tests run: an app may wait as it likes. */
const PROGRAM = /`[^`]*`/g
const SLEEP = /import \{[^}]*\bsetTimeout\b[^}]*\} from 'node:timers\/promises'|setTimeout\(resolve\b/g

test('tests wait for conditions, with one helper', () => {
  const files = globSync('**/*.ts', { cwd: TEST, exclude: (path) => path.includes('node_modules') })
  assert.ok(files.length > 100)
  const sleeping = files
    .filter((file) => !HELPERS.has(file) && file !== 'unit/structure/waiting.test.ts')
    .flatMap((file) => {
      const code = readFileSync(join(TEST, file), 'utf8').replaceAll(PROGRAM, '')
      return [...code.matchAll(SLEEP)].map(([text]) => `${file}: ${text}`)
    })
  assert.deepEqual(
    sleeping,
    [],
    'await the condition with `eventually`, or say with `pause` why it is a matter of time',
  )
})
