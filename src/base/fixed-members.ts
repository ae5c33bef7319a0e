import { types } from 'node:util'

/**
 * Returns whether exports cannot be assigned to: those of a required ES module, those that a bundler or compiler
 * has written as getters, and frozen ones. There, `exports.connect = traced` throws or has no effect.
 */
export function hasFixedMembers(exports: unknown): exports is object {
  if (types.isModuleNamespaceObject(exports)) return true
  if (typeof exports !== 'object' || exports === null) return false
  if (Object.isFrozen(exports)) return true
  return Object.values(Object.getOwnPropertyDescriptors(exports)).some(
    (each) => each.get && !each.set && !each.configurable,
  )
}
