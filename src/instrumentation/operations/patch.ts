import { withStackRoom } from '../stack-room.ts'

type AnyFunction = (this: any, ...args: any[]) => any

/** One call of a hook's `patch`. */
interface PatchRun {
  readonly hook: object
}

let currentRun: PatchRun | undefined
const madeIn = new WeakMap<AnyFunction, PatchRun>()

/**
 * Calls `patch` for a hook. A method that an earlier call for the same hook replaced stays as it is: an ES module that
 * re-exports the classes of its package's CommonJS module is another module with the same classes.
 */
export function runPatch<Result>(hook: object, patch: () => Result): Result {
  const outer = currentRun
  currentRun = { hook }
  try {
    return patch()
  } finally {
    currentRun = outer
  }
}

/**
 * Replaces a method with the result of `wrap`, which gets the original's name, length and property attributes. If the
 * target does not have the method as its own property, or `runPatch` has replaced it before, nothing changes.
 */
export function patchMethod(target: object, name: string | symbol, wrap: (original: AnyFunction) => AnyFunction): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name)
  const original: unknown = descriptor?.value
  if (descriptor === undefined || typeof original !== 'function') return
  const madeBefore = madeIn.get(original as AnyFunction)
  if (madeBefore !== undefined && madeBefore !== currentRun && madeBefore.hook === currentRun?.hook) return
  const replacement = likeOriginal(original as AnyFunction, wrap)
  if (currentRun !== undefined) madeIn.set(replacement, currentRun)
  Object.defineProperty(target, name, { ...descriptor, value: replacement })
}

/** Returns the result of `wrap`, with the name, length and properties of the original function. */
export function likeOriginal(original: AnyFunction, wrap: (original: AnyFunction) => AnyFunction): AnyFunction {
  const replacement = withStackRoom(original, wrap)
  const { prototype: _, ...properties } = Object.getOwnPropertyDescriptors(original)
  Object.defineProperties(replacement, properties)
  return replacement
}

/** Sets a method on one object, as a property that is not enumerable. */
export function overrideMethod(target: object, name: string, value: AnyFunction): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(target, name)
  Object.defineProperty(target, name, { configurable: true, enumerable, writable: true, value })
}

/** Returns the default export of an ES module, or what `require` returned. */
export function moduleOf(exports: any): any {
  return exports?.[Symbol.toStringTag] === 'Module' && exports.default !== undefined ? exports.default : exports
}
