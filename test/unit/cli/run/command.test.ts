import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeArguments } from '../../../../src/cli/run/command.ts'

for (const [given, expected] of [
  [['app.js'], ['app.js']],
  [
    ['node', 'app.js', 'node'],
    ['app.js', 'node'],
  ],
  [
    ['--max-old-space-size', '512', 'app.js', '--json', '--', '-x'],
    ['--max-old-space-size', '512', 'app.js', '--json', '--', '-x'],
  ],
] as const) {
  test(given.join(' '), () => {
    assert.deepEqual(nodeArguments(given, '/p'), ['--require', '/p', ...expected])
  })
}
