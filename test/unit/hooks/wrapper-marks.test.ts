import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  isOthersWrapper,
  isOwnWrapper,
  sourceToNode,
  toCopy,
  toNode,
  withoutOwnMark,
} from '../../../src/hooks/wrapper-marks.ts'

const MODULE = 'file:///app/node_modules/openai/index.mjs'

describe('marks of wrappers', () => {
  /** What Node has, what our copy of import-in-the-middle sees for it, and whose wrapper it is. */
  const PAIRS = [
    { node: MODULE, copy: MODULE, whose: 'nobody' },
    { node: `${MODULE}?a=1&v=iitm`, copy: `${MODULE}?a=1&v=iitm`, whose: 'nobody' },
    { node: `${MODULE}?obs-iitm=true`, copy: `${MODULE}?iitm=true`, whose: 'ours' },
    { node: `${MODULE}?a=1&obs-iitm=bindings`, copy: `${MODULE}?a=1&iitm=bindings`, whose: 'ours' },
    { node: `${MODULE}?iitm=true`, copy: `${MODULE}?obs-other-iitm=true`, whose: 'another' },
    {
      node: `${MODULE}?obs-other-iitm=true&obs-iitm=true`,
      copy: `${MODULE}?obs-other-iitm=true&iitm=true`,
      whose: 'ours',
    },
  ]

  for (const { node, copy, whose } of PAIRS) {
    test(`${node} is of ${whose}`, () => {
      assert.equal(toCopy(node), copy)
      assert.equal(toNode(copy), node)
      assert.equal(isOwnWrapper(node), whose === 'ours')
      assert.equal(isOthersWrapper(node), whose === 'another')
    })
  }

  test("another copy's wrapper around ours is not ours, and our copy does not recognise its own wrapper in it", () => {
    const both = `${MODULE}?obs-iitm=true&iitm=true`
    assert.equal(isOwnWrapper(both), false)
    assert.equal(isOthersWrapper(both), true)
    assert.doesNotMatch(toCopy(both), /[?&]iitm=/)
  })

  test("without our mark, the module's own URL remains", () => {
    assert.equal(withoutOwnMark(`${MODULE}?obs-iitm=true`), MODULE)
    assert.equal(withoutOwnMark(`${MODULE}?a=1&obs-iitm=true`), `${MODULE}?a=1`)
    assert.equal(withoutOwnMark(`${MODULE}?obs-other-iitm=true&obs-iitm=true`), `${MODULE}?iitm=true`)
    assert.equal(withoutOwnMark(`${MODULE}?iitm=true`), `${MODULE}?iitm=true`)
  })

  test('the imports of a source are translated, its other strings are not', () => {
    const wrapper = `import * as namespace from "${MODULE}?obs-other-iitm=true"\nregister("${MODULE}?obs-other-iitm=true")`
    assert.equal(
      sourceToNode(wrapper, true),
      `import * as namespace from "${MODULE}?iitm=true"\nregister("${MODULE}?obs-other-iitm=true")`,
    )
    const native = `const text = "?iitm=bindings"\nimport "${MODULE}?iitm=bindings"\n`
    assert.equal(sourceToNode(native, false), `const text = "?iitm=bindings"\nimport "${MODULE}?obs-iitm=bindings"\n`)
  })
})
