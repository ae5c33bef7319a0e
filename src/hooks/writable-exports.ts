import { types } from 'node:util'

/**
 * Patches exports with fixed members (`require-hook.ts`): the patch gets a writable copy, which replaces the exports if
 * anything was assigned.
 */
export function patchedBy(exports: object, patch: (exports: unknown) => unknown): unknown {
  const standIn = standInOf(exports)
  const result = patch(standIn)
  return result === standIn && isLike(standIn, exports) ? exports : result
}

/** Creates a copy that reflects the exports until it is assigned to. */
function standInOf(exports: object): object {
  const standIn: object = Object.create(Object.getPrototypeOf(exports)) as object
  for (const key of Reflect.ownKeys(exports)) {
    const described = Reflect.getOwnPropertyDescriptor(exports, key) as PropertyDescriptor
    const { enumerable = false } = described
    const isLive = described.get !== undefined || types.isModuleNamespaceObject(exports)
    const own: PropertyDescriptor = isLive
      ? {
          get: () => Reflect.get(exports, key) as unknown,
          set: (value: unknown) =>
            void Object.defineProperty(standIn, key, { value, configurable: true, enumerable, writable: true }),
        }
      : { ...described, writable: true }
    Object.defineProperty(standIn, key, { ...own, configurable: true, enumerable })
  }
  return standIn
}

/** Returns whether the copy still equals the exports, so that nothing was assigned. */
function isLike(standIn: object, exports: object): boolean {
  const keys = Reflect.ownKeys(standIn)
  if (keys.length !== Reflect.ownKeys(exports).length) return false
  return keys.every((key) => {
    const own = Reflect.getOwnPropertyDescriptor(standIn, key)
    return own?.get !== undefined || own?.value === Reflect.getOwnPropertyDescriptor(exports, key)?.value
  })
}
