import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patchMethod, runPatch } from '../../../../src/instrumentation/operations/patch.ts'

interface Client {
  query(): string
}

function client(): { readonly Client: new () => Client; patchedBy(label: string): void } {
  class Client {
    query(): string {
      return 'rows'
    }
  }
  const patchedBy = (label: string): void =>
    patchMethod(
      Client.prototype,
      'query',
      (original) =>
        function (this: unknown) {
          return `${label}(${String(original.call(this))})`
        },
    )
  return { Client, patchedBy }
}

test('a hook that meets the same class in two modules of a package patches its methods once', () => {
  const { Client, patchedBy } = client()
  const hook = {}
  runPatch(hook, () => patchedBy('required'))
  runPatch(hook, () => patchedBy('imported'))
  assert.equal(new Client().query(), 'required(rows)')
})

test('two hooks that patch one method both see its calls, as do two patches of one hook', () => {
  const { Client, patchedBy } = client()
  runPatch({}, () => patchedBy('driver'))
  runPatch({}, () => {
    patchedBy('pool')
    patchedBy('queue')
  })
  assert.equal(new Client().query(), 'queue(pool(driver(rows)))')
})

test('a hook whose patch throws leaves others free to patch', () => {
  const { Client, patchedBy } = client()
  const hook = {}
  assert.throws(() =>
    runPatch(hook, () => {
      throw new Error('another version')
    }),
  )
  patchedBy('outside')
  runPatch(hook, () => patchedBy('again'))
  assert.equal(new Client().query(), 'again(outside(rows))')
})
