import assert from 'node:assert/strict'
import { EventEmitter, errorMonitor, once } from 'node:events'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import { StorageContextManager } from '../../../src/sdk/context-manager.ts'

const NAME = createContextKey('name')
const outer = ROOT_CONTEXT.setValue(NAME, 'outer')
const inner = ROOT_CONTEXT.setValue(NAME, 'inner')

function managed(): { manager: StorageContextManager; name: () => unknown } {
  const manager = new StorageContextManager()
  return { manager, name: () => manager.active().getValue(NAME) }
}

test('a context is active in a call, with `this` and arguments, in its asynchronous work, and not afterwards', async () => {
  const { manager, name } = managed()
  assert.equal(manager.active(), ROOT_CONTEXT)
  const self = { factor: 2 }
  const double = function (this: typeof self, value: number): unknown[] {
    return [name(), this.factor * value]
  }
  assert.deepEqual(manager.with(outer, double, self, 21), ['outer', 42])
  const later = manager.with(outer, async () => {
    await turn()
    return manager.with(inner, () => name())
  })
  assert.equal(name(), undefined)
  assert.equal(await later, 'inner')
  assert.throws(() => manager.with(outer, assert.fail, undefined, 'from within'), /from within/)
  assert.equal(name(), undefined)
})

test('a bound function has its context, this, arguments and number of parameters', () => {
  const { manager, name } = managed()
  const bound = manager.bind(outer, function (this: unknown, a: number, b: number) {
    return [name(), this, a + b]
  })
  assert.equal(bound.length, 2)
  assert.deepEqual(manager.with(inner, bound, 'self', 1, 2), ['outer', 'self', 3])
  assert.equal(manager.bind(outer, 7), 7)
})

test('listeners of a bound emitter, added before or after, run in its context; the first binding counts', async () => {
  const { manager, name } = managed()
  const emitter = new EventEmitter()
  const seen: unknown[] = []
  const listener = function (this: unknown, ...args: unknown[]): void {
    seen.push([name(), this === emitter, ...args])
  }
  emitter.on('event', listener)
  assert.equal(manager.bind(outer, emitter), emitter)
  manager.bind(inner, emitter)
  emitter.once('event', listener)
  assert.equal(
    manager.with(inner, () => emitter.emit('event', 1, 2)),
    true,
  )
  emitter.emit('event', 3)
  assert.deepEqual(seen, [
    ['outer', true, 1, 2],
    ['outer', true, 1, 2],
    ['outer', true, 3],
  ])
  emitter.off('event', listener)
  assert.equal(emitter.emit('event'), false)
  // Who awaits an event goes on in the own context.
  const awaited = manager.with(inner, async () => {
    await once(emitter, 'done')
    return name()
  })
  emitter.emit('done')
  assert.equal(await awaited, 'inner')
})

test('an error of a bound emitter reaches monitors in its context, and is thrown without a listener', () => {
  const { manager, name } = managed()
  const emitter = manager.bind(outer, new EventEmitter())
  let seen: unknown
  emitter.on(errorMonitor, () => (seen = name()))
  assert.throws(() => emitter.emit('error', new Error('nobody listens')), /nobody listens/)
  assert.equal(seen, 'outer')
})

test('an emitter emits as its class or the app made it', () => {
  const { manager, name } = managed()
  class Loud extends EventEmitter {
    override emit(event: string, ...args: unknown[]): boolean {
      return super.emit(event.toUpperCase(), ...args)
    }
  }
  const emitter = manager.bind(outer, new Loud())
  const seen: unknown[] = []
  emitter.on('EVENT', (value) => seen.push([name(), value]))
  emitter.emit('event', 7)
  assert.deepEqual(seen, [['outer', 7]])
})

test('an attached context is active until it is disposed of, once', () => {
  const { manager, name } = managed()
  manager.with(inner, () => {
    const token = manager.attach(outer)
    assert.equal(name(), 'outer')
    token.dispose()
    token.dispose()
    assert.equal(name(), 'inner')
  })
  assert.equal(name(), undefined)
})
