import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrapped } from '../../../src/cli/terminal.ts'

test('words are wrapped at the width, later lines are indented, and long words are not broken', () => {
  assert.equal(wrapped('one two three', 7), 'one two\nthree')
  assert.equal(wrapped('one two three', 9, 2), 'one two\n  three')
  assert.equal(wrapped('https://a.long.example/path x', 10), 'https://a.long.example/path\nx')
  assert.equal(wrapped('', 10), '')
})
