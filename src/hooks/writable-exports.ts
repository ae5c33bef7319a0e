import { types } from 'node:util'

/**
 * The exports of an ES module that is required, and those that a bundler or a compiler of ES modules has written as getters, cannot
 * be written to: `exports.connect = traced` throws or is forgotten. Patches get a stand-in for them, which shows what the module
 * exports until it is written to; the app gets it where something was.
 */
export function patchedBy(exports: unknown, patch: (exports: unknown) => unknown): unknown {
  const standIn = hasFixedMembers(exports) ? standInOf(exports) : undefined
  if (standIn === undefined) return patch(exports)
  const result = patch(standIn)
  return result === standIn && isLike(standIn, exports as object) ? exports : result
}

function hasFixedMembers(exports: unknown): exports is object {
  if (typeof exports !== 'object' || exports === null) return false
  if (types.isModuleNamespaceObject(exports)) return true
  return Object.values(Object.getOwnPropertyDescriptors(exports)).some(isFixed)
}

function isFixed({ configurable, get, set, writable }: PropertyDescriptor): boolean {
  return configurable === false && (get === undefined ? writable === false : set === undefined)
}

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

/** Whether nothing was written to it. */
function isLike(standIn: object, exports: object): boolean {
  const keys = Reflect.ownKeys(standIn)
  if (keys.length !== Reflect.ownKeys(exports).length) return false
  return keys.every((key) => {
    const own = Reflect.getOwnPropertyDescriptor(standIn, key)
    return own?.get !== undefined || own?.value === Reflect.getOwnPropertyDescriptor(exports, key)?.value
  })
}
