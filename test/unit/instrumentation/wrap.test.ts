import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { isWrapped, massUnwrap, massWrap, unwrap, wrap } from '../../../src/instrumentation/wrap.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown

const through =
  (original: Method): Method =>
  (...args) =>
    original(...args)

test('a wrapper has the name, length and properties of the original, and no others', () => {
  const secret = Symbol('secret')
  const send = Object.assign((_a: unknown, _b: unknown) => 'sent', { reset: () => 'reset', [secret]: 1 })
  Object.defineProperty(send, promisify.custom, { value: () => 'promised', configurable: true })
  const holder = { send }
  wrap(holder, 'send', through)
  assert.notEqual(holder.send, send)
  assert.deepEqual(Object.getOwnPropertyDescriptors(holder.send), Object.getOwnPropertyDescriptors(send))
  assert.equal(holder.send(1, 2), 'sent')
  assert.equal(holder.send.reset(), 'reset')
})

test('a function declaration and a class are wrapped by what cannot take all of their properties', () => {
  class Client {
    static version = 1
    rows = []
  }
  const holder = {
    Client,
    query(_text: string): void {},
  }
  wrap(
    holder,
    'Client',
    (original) =>
      function (this: unknown, ...args) {
        return Reflect.construct(original, args)
      },
  )
  wrap(
    holder,
    'query',
    (original) =>
      function (this: unknown, ...args) {
        return Reflect.apply(original, this, args)
      },
  )
  assert.deepEqual([holder.Client.name, holder.Client.version], ['Client', 1])
  assert.deepEqual([holder.query.name, holder.query.length], ['query', 1])
})

test('a frozen original leaves the wrapper to be wrapped again', () => {
  const holder = { send: (_a: unknown) => 'sent' }
  Object.freeze(holder.send)
  wrap(holder, 'send', through)
  wrap(holder, 'send', through)
  assert.deepEqual([holder.send.name, holder.send.length, holder.send(1)], ['send', 1, 'sent'])
})

test('an unwrapped function is the original, and only a wrapped one is unwrapped', () => {
  const holder: Record<string, unknown> = { send: () => 'sent', get: () => 'got' }
  const { send, get } = holder
  massWrap([holder], ['send', 'get', 'missing'], through)
  assert.deepEqual([isWrapped(holder['send']), isWrapped(send), isWrapped(undefined)], [true, false, false])
  assert.deepEqual(Object.keys(holder), ['send', 'get'])
  massUnwrap([holder], ['send', 'get', 'missing'])
  unwrap(holder, 'send')
  assert.deepEqual(holder, { send, get })
})

test('a property that is not enumerable is kept so, and an inherited method becomes an own property', () => {
  class Client {
    query(): string {
      return 'rows'
    }
  }
  wrap(Client.prototype as unknown as Record<string, unknown>, 'query', through)
  assert.deepEqual(Object.keys(Client.prototype), [])
  assert.equal(new Client().query(), 'rows')
})
