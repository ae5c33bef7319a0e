type AnyFunction = (this: any, ...args: any[]) => any

/**
 * Replaces a method by what `wrap` makes of it, with the name, the length and the property's attributes of the original. A target that
 * does not have the method of its own stays as it is.
 */
export function patchMethod(target: object, name: string, wrap: (original: AnyFunction) => AnyFunction): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, name)
  const original: unknown = descriptor?.value
  if (descriptor === undefined || typeof original !== 'function') return
  Object.defineProperty(target, name, { ...descriptor, value: likeOriginal(original as AnyFunction, wrap) })
}

/** What `wrap` makes of a function, with the name, the length and the properties of the function. */
export function likeOriginal(original: AnyFunction, wrap: (original: AnyFunction) => AnyFunction): AnyFunction {
  const replacement = wrap(original)
  const { prototype: _, ...properties } = Object.getOwnPropertyDescriptors(original)
  Object.defineProperties(replacement, properties)
  return replacement
}

/** Sets a method on one object. Nobody who lists its properties sees more of them than before. */
export function overrideMethod(target: object, name: string, value: AnyFunction): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(target, name)
  Object.defineProperty(target, name, { configurable: true, enumerable, writable: true, value })
}

/** The default export of an ES module, or what `require` gives. */
export function moduleOf(exports: any): any {
  return exports?.[Symbol.toStringTag] === 'Module' && exports.default !== undefined ? exports.default : exports
}
