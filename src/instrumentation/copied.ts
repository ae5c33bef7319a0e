/**
 * Copies an object that the app passed and changes properties of the copy. The app's object, which may be frozen or
 * shared between calls, is not changed. The prototype, accessors and symbols are kept.
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

/** Like `copyWith`, for a value of any type: anything but an object becomes a plain object with the changes. */
export function copyOrNew<Input extends object>(input: Input | undefined, changes: Partial<Input>): Input {
  return typeof input === 'object' && input !== null ? copyWith(input, changes) : ({ ...changes } as Input)
}
