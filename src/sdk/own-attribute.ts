/**
 * Sets an attribute whatever its name is. A plain assignment to `__proto__` would lose the value, or make it the prototype
 * of `attributes`, whose members would then read as attributes.
 */
export function setOwn<Value>(attributes: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') Object.defineProperty(attributes, name, { ...OWN, value })
  else attributes[name] = value
}

const OWN = Object.freeze({ enumerable: true, configurable: true, writable: true })
