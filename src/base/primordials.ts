/**
 * The globals that this package uses and that apps and their tests replace or delete: fake clocks, stubbed timers, a
 * patched `Map.prototype.get`, `Math.random = () => 0.5`, `delete globalThis.Atomics` against side channels. They are captured when the preload loads, before the app's
 * first line, so that telemetry neither sees a replacement nor is seen by one. The build substitutes these exports for
 * every free use of the globals (`scripts/substitute-primordials.ts`), in our files and in dependencies; the sources are written
 * with plain globals.
 */
export const Reflect: typeof globalThis.Reflect = globalThis.Reflect
export const Atomics: typeof globalThis.Atomics = globalThis.Atomics
export const BigInt: typeof globalThis.BigInt = globalThis.BigInt
export const WeakRef: typeof globalThis.WeakRef = globalThis.WeakRef
export const Proxy: typeof globalThis.Proxy = globalThis.Proxy
export const SharedArrayBuffer: typeof globalThis.SharedArrayBuffer = globalThis.SharedArrayBuffer
export const AbortController: typeof globalThis.AbortController = globalThis.AbortController
export const parseInt: typeof globalThis.parseInt = globalThis.parseInt
export const isNaN: typeof globalThis.isNaN = globalThis.isNaN
export const encodeURIComponent: typeof globalThis.encodeURIComponent = globalThis.encodeURIComponent
export const decodeURIComponent: typeof globalThis.decodeURIComponent = globalThis.decodeURIComponent
export const setTimeout: typeof globalThis.setTimeout = globalThis.setTimeout
export const clearTimeout: typeof globalThis.clearTimeout = globalThis.clearTimeout
export const setInterval: typeof globalThis.setInterval = globalThis.setInterval
export const clearInterval: typeof globalThis.clearInterval = globalThis.clearInterval
export const setImmediate: typeof globalThis.setImmediate = globalThis.setImmediate
export const queueMicrotask: typeof globalThis.queueMicrotask = globalThis.queueMicrotask
export const structuredClone: typeof globalThis.structuredClone = globalThis.structuredClone
export const process: typeof globalThis.process = globalThis.process
export const Buffer: typeof globalThis.Buffer = globalThis.Buffer
export const URL: typeof globalThis.URL = globalThis.URL
export const URLSearchParams: typeof globalThis.URLSearchParams = globalThis.URLSearchParams
export const TextEncoder: typeof globalThis.TextEncoder = globalThis.TextEncoder
export const TextDecoder: typeof globalThis.TextDecoder = globalThis.TextDecoder

const OwnDate: DateConstructor = globalThis.Date
export { OwnDate as Date }
export const dateNow: () => number = OwnDate.now
export const jsonParse: typeof JSON.parse = globalThis.JSON.parse
export const jsonStringify: typeof JSON.stringify = globalThis.JSON.stringify
export const mathRandom: () => number = globalThis.Math.random

const definePropertyOfNode: typeof Object.defineProperty = globalThis.Object.defineProperty
/**
 * Reads only own members of the descriptor: with a polluted `Object.prototype`, a descriptor with a getter would appear
 * to have a value as well.
 */
export const defineProperty: typeof Object.defineProperty = (target, key, descriptor) =>
  definePropertyOfNode(target, key, { __proto__: null, ...descriptor } as PropertyDescriptor)

type AnyClass = abstract new (...args: never[]) => object

/**
 * Copies the current methods of `Base` to its subclass `Own`, which later changes to the prototype of `Base` do not
 * affect. What the app made with `Base` is an instance of `Own`, too.
 */
function withOwnMethods<Own extends AnyClass>(Base: AnyClass, Own: Own): Own {
  Reflect.defineProperty(Own, Symbol.hasInstance, { value: (each: unknown): boolean => each instanceof Base })
  for (const key of Reflect.ownKeys(Base.prototype as object)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(Base.prototype as object, key)
    if (key !== 'constructor' && descriptor !== undefined) {
      Reflect.defineProperty(Own.prototype as object, key, descriptor)
    }
  }
  return Own
}

const TheirMap: MapConstructor = globalThis.Map
const TheirSet: SetConstructor = globalThis.Set
const TheirWeakMap: WeakMapConstructor = globalThis.WeakMap
const TheirWeakSet: WeakSetConstructor = globalThis.WeakSet

class OwnMap<Key, Value> extends TheirMap<Key, Value> {}
class OwnSet<Value> extends TheirSet<Value> {}
class OwnWeakMap<Key extends WeakKey, Value> extends TheirWeakMap<Key, Value> {}
class OwnWeakSet<Value extends WeakKey> extends TheirWeakSet<Value> {}

withOwnMethods(TheirMap, OwnMap)
withOwnMethods(TheirSet, OwnSet)
withOwnMethods(TheirWeakMap, OwnWeakMap)
withOwnMethods(TheirWeakSet, OwnWeakSet)

export { OwnMap as Map, OwnSet as Set, OwnWeakMap as WeakMap, OwnWeakSet as WeakSet }
