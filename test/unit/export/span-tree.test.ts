import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { treeOf, type TreeNode } from '../../../src/export/span-tree.ts'

const node = (id: string, parentId?: string, more: Partial<TreeNode> = {}): TreeNode => ({
  id,
  parentId,
  name: id,
  startMs: 0,
  durationMs: 1,
  failed: false,
  note: '',
  ...more,
})
const asWritten = (_: string, text: string): string => text

test('a request is drawn with its spans in the order of their starts', () => {
  const nodes = [
    node('GET /orders', undefined, { note: '200 /orders', durationMs: 88.72 }),
    node('INSERT', 'GET /orders', { startMs: 3, failed: true }),
    node('GET', 'GET /orders', { startMs: 1 }),
    node('GET /stock', 'GET', { startMs: 2 }),
  ]
  assert.deepEqual(treeOf(nodes, 'GET /orders', 80, asWritten), [
    '  88.7 ms  GET /orders 200 /orders',
    '   1.0 ms  ├─ GET',
    '   1.0 ms  │  └─ GET /stock',
    '   1.0 ms  └─ INSERT',
  ])
})

test('a span without its parent is shown below the root, and only failed spans are coloured as such', () => {
  const nodes = [node('root'), node('lost', 'nobody', { failed: true })]
  const painted = treeOf(nodes, 'root', 80, (style, text) => `<${style}>${text}`)
  assert.match(painted[1] ?? '', /└─ <failed>lost/)
  assert.doesNotMatch(painted[0] ?? '', /failed/)
})

test('a text that is longer than the terminal is wrapped below its branch, and cut after four lines', () => {
  const nodes = [
    node('GET /orders', undefined, { note: '200' }),
    node('SELECT orders', 'GET /orders', { note: 'SELECT id, name FROM orders WHERE id = ? ORDER BY name' }),
    node('GET', 'GET /orders', { startMs: 1, note: 'x'.repeat(200) }),
  ]
  assert.deepEqual(treeOf(nodes, 'GET /orders', 50, asWritten), [
    '   1.0 ms  GET /orders 200',
    '   1.0 ms  ├─ SELECT orders SELECT id, name FROM',
    '           │    orders WHERE id = ? ORDER BY name',
    `   1.0 ms  └─ GET ${'x'.repeat(32)}`,
    `                ${'x'.repeat(34)}`,
    `                ${'x'.repeat(34)}`,
    `                ${'x'.repeat(33)}…`,
  ])
})

test('characters that terminals draw two columns wide are counted as such', () => {
  const [first, second] = treeOf([node('日本語'.repeat(10))], '日本語'.repeat(10), 50, asWritten)
  assert.equal(first, `   1.0 ms  ${'日本語'.repeat(10).slice(0, 19)}`)
  assert.equal(second, `             ${'日本語'.repeat(10).slice(19)}`)
})

test("a tree deeper than the terminal's width stays within it", () => {
  const nodes = Array.from({ length: 60 }, (_, i) =>
    node(`${i}`, i === 0 ? undefined : `${i - 1}`, { note: 'a b '.repeat(30) }),
  )
  for (const line of treeOf(nodes, '0', 60, asWritten)) assert.ok(Array.from(line).length <= 60, line)
})

test('no line is longer than the terminal, contains a control character, or is missing, whatever the spans contain', () => {
  const anyNode = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    parentId: fc.constantFrom('a', 'b', 'c', 'd', 'x', undefined),
    name: fc.string({ unit: 'binary' }),
    startMs: fc.integer(),
    durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    failed: fc.boolean(),
    note: fc.string({ unit: 'binary' }),
  })
  fc.assert(
    fc.property(
      fc.uniqueArray(anyNode, { selector: ({ id }) => id }),
      fc.integer({ min: 40, max: 120 }),
      (nodes, columns) => {
        const lines = treeOf(nodes, 'a', columns, asWritten)
        assert.ok(lines.length <= 4 * nodes.length)
        for (const line of lines) {
          assert.ok(Array.from(line).length <= columns, line)
          assert.doesNotMatch(line, /\p{Cc}/u)
        }
      },
    ),
  )
})

test('text direction cannot be changed by a name, a span without one has a text, and a long duration stays in its column', () => {
  const nodes = [
    node('root', undefined, { name: '', durationMs: 1e10 }),
    node('below', 'root', { name: 'abc \u202edef \u2066ghi' }),
  ]
  assert.deepEqual(treeOf(nodes, 'root', 80, asWritten), ['   2778 h  (no name)', '   1.0 ms  └─ abc  def  ghi'])
})
