type AnyFunction = (this: any, ...args: any[]) => any

/**
 * Replaces a method with the result of `wrap`, which gets the original's name, length and property attributes. If the
 * target does not have the method as its own property, nothing changes.
 */
export function patchMethod(target: object, name: string, wrap: (original: AnyFunction) => AnyFunction): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name)
  const original: unknown = descriptor?.value
  if (descriptor === undefined || typeof original !== 'function') return
  Object.defineProperty(target, name, { ...descriptor, value: likeOriginal(original as AnyFunction, wrap) })
}

/** Returns the result of `wrap`, with the name, length and properties of the original function. */
export function likeOriginal(original: AnyFunction, wrap: (original: AnyFunction) => AnyFunction): AnyFunction {
  const replacement = wrap(original)
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
