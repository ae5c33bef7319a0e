import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withStackRoom } from '../../../src/instrumentation/stack-room.ts'

type Method = (this: any, ...args: any[]) => any

/** Wrappers that add different numbers of frames. */
const WRAPPERS: Readonly<Record<string, (original: Method) => Method>> = {
  'one that calls it': (original) =>
    function (this: unknown, ...args) {
      return original.apply(this, args)
    },
  'one that calls it in functions of its own': (original) =>
    function (this: unknown, ...args) {
      return [0].map(() => (() => original.apply(this, args))())[0]
    },
  'one that takes another path with a callback': (original) =>
    function (this: unknown, ...args) {
      return typeof args.at(-1) === 'function' ? (() => original.apply(this, args))() : original.apply(this, args)
    },
}

function captured(): string[] {
  return String(new Error('captured').stack).split('\n').slice(1)
}

function nested(depth: number, work: () => string[]): string[] {
  return depth === 0 ? work() : nested(depth - 1, work)
}

/** The frames of this file's functions, without those of wrappers. */
function appFrames(lines: readonly string[]): string[] {
  return lines.filter((line) => /at (?:captured|nested) /.test(line)).map((line) => line.trim())
}

for (const [title, wrap] of Object.entries(WRAPPERS)) {
  for (const args of [[], [() => {}]]) {
    test(`a stack has the frames that it has without a wrapper: ${title}, ${args.length} arguments`, () => {
      const wrapped = withStackRoom(withStackRoom(captured, wrap), wrap)
      const expected = nested(20, captured)
      assert.equal(expected.length, Error.stackTraceLimit)
      for (const time of ['first', 'second']) {
        assert.equal(appFrames(nested(20, () => wrapped(...args))).length, expected.length, `${time} call`)
      }
    })
  }
}

test('the limit is restored, also after an exception', () => {
  const { stackTraceLimit } = Error
  const failing = withStackRoom(
    () => {
      throw new RangeError('of the app')
    },
    (original) => () => original(),
  )
  assert.throws(failing, RangeError)
  assert.equal(Error.stackTraceLimit, stackTraceLimit)
})

test('a limit that the app sets meanwhile is kept', (t) => {
  const { stackTraceLimit } = Error
  t.after(() => {
    Error.stackTraceLimit = stackTraceLimit
  })
  withStackRoom(
    () => {
      Error.stackTraceLimit = 3
    },
    (original) => () => original(),
  )()
  assert.equal(Error.stackTraceLimit, 3)
})

test('an app that wants no stacks gets none', (t) => {
  const { stackTraceLimit } = Error
  t.after(() => {
    Error.stackTraceLimit = stackTraceLimit
  })
  Error.stackTraceLimit = 0
  const wrapped = withStackRoom(captured, (original) => () => original())
  assert.deepEqual(wrapped(), [])
  assert.equal(Error.stackTraceLimit, 0)
})

test('a limit with a getter that throws is left to the app', (t) => {
  const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!
  t.after(() => {
    Object.defineProperty(Error, 'stackTraceLimit', limit)
  })
  Object.defineProperty(Error, 'stackTraceLimit', {
    configurable: true,
    get() {
      throw new RangeError('of the app')
    },
  })
  const wrapped = withStackRoom(
    () => 'answer',
    (original) => () => original(),
  )
  assert.equal(wrapped(), 'answer')
})

function Client(this: { url?: string }, url: string): void {
  this.url = url
}

function around(original: Method): Method {
  return function (this: unknown, ...args) {
    return new.target === undefined ? original.apply(this, args) : Reflect.construct(original, args, new.target)
  }
}

test('receiver, arguments, result and construction pass through', () => {
  const Wrapped = withStackRoom(Client, around) as unknown as new (url: string) => { url: string }
  Wrapped.prototype = Client.prototype
  const made = new Wrapped('db')
  assert.equal(made.url, 'db')
  assert.ok(made instanceof Wrapped && made instanceof Client)
  const self = {}
  const reflecting = withStackRoom(function (this: unknown, ...args) {
    return [this, ...args]
  }, around)
  assert.deepEqual(reflecting.call(self, 1, 2), [self, 1, 2])
})

test('a class is passed on as it is', () => {
  withStackRoom(Map as never, (original) => {
    assert.equal(original, Map)
    return original
  })
})
