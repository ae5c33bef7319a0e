import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { observeReads } from '../../../src/instrumentation/observed-reads.ts'

function observedClass(): { Emitter: new () => EventEmitter; reads: object[]; assigned: object[] } {
  class Emitter extends EventEmitter {}
  const reads: object[] = []
  const assigned: object[] = []
  observeReads<object>(
    Emitter.prototype,
    'emit',
    (target) => reads.push(target),
    (target) => assigned.push(target),
  )
  return { Emitter, reads, assigned }
}

test('a method is reported before each call, and is not replaced', () => {
  const { Emitter, reads } = observedClass()
  const emitter = new Emitter()
  const heard: unknown[] = []
  emitter.on('x', (value) => heard.push(value, reads.length))
  assert.equal(emitter.emit, EventEmitter.prototype.emit)
  emitter.emit('x', 1)
  assert.deepEqual(heard, [1, 2])
  assert.deepEqual(Object.keys(emitter), Object.keys(new EventEmitter()))
})

const own = (): boolean => true

test('no frame of ours is in a stack', () => {
  const { Emitter } = observedClass()
  const emitter = new Emitter().on('x', () => {
    throw new Error('mine')
  })
  assert.throws(
    () => emitter.emit('x'),
    ({ stack }: Error) => !String(stack).includes('observed-reads.ts'),
  )
})

test('a method can be assigned to an object and to the prototype', () => {
  const { Emitter, assigned } = observedClass()
  const emitter = new Emitter()
  emitter.emit = own
  assert.equal(emitter.emit, own)
  assert.deepEqual(assigned, [emitter])
  assert.deepEqual(Object.getOwnPropertyDescriptor(emitter, 'emit'), {
    value: own,
    writable: true,
    enumerable: true,
    configurable: true,
  })
  Emitter.prototype.emit = own
  assert.equal(new Emitter().emit, own)
  class Derived extends Emitter {
    override emit(...args: Parameters<EventEmitter['emit']>): boolean {
      return super.emit(...args)
    }
  }
  assert.equal(new Derived().emit('x'), true)
})
