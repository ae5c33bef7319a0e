/**
 * Copies an object that the app handed over and changes properties of the copy, so that the app's own, which may be frozen or
 * shared between calls, stays as it is. Prototype, accessors and symbols are kept.
 */
export function copyWith<Input extends object>(input: Input, changes: Partial<Input>): Input {
  const copy: Input = Object.create(Object.getPrototypeOf(input)) as Input
  for (const key of Reflect.ownKeys(input)) {
    const described = Object.getOwnPropertyDescriptor(input, key) as PropertyDescriptor
    Object.defineProperty(copy, key, {
      ...described,
      configurable: true,
      ...('value' in described && { writable: true }),
    })
  }
  for (const [key, value] of Object.entries(changes)) {
    Object.defineProperty(copy, key, { value, configurable: true, enumerable: true, writable: true })
  }
  return copy
}

/** The same for what may be anything: what is no object gives a plain one with the changes. */
export function copyOrNew<Input extends object>(input: Input | undefined, changes: Partial<Input>): Input {
  return typeof input === 'object' && input !== null ? copyWith(input, changes) : ({ ...changes } as Input)
}
