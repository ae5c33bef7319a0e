import { reasonOf, warn } from '../diag.ts'

/** The part of an instrumentation that is called when a module is loaded. */
export interface Patching {
  _onRequire?(definition: { readonly name: string }, exports: unknown, name: string, baseDirectory?: string): unknown
}

const guarded = new WeakSet<Patching>()

/**
 * A patch may fail on a module that is not as it expects, such as a CommonJS one that is imported. What it throws would come
 * out of the app's own `require` or `import`. Takes an instrumentation or the prototype of many, once.
 */
export function guardPatches(patching: Patching): void {
  const patch = patching._onRequire
  if (patch === undefined || guarded.has(patching)) return
  guarded.add(patching)
  patching._onRequire = function (definition, exports, name, baseDirectory) {
    try {
      return patch.call(this, definition, exports, name, baseDirectory)
    } catch (thrown) {
      warn(`"${name}" could not be patched (${reasonOf(thrown)}); it is loaded as it is, without telemetry`)
      return exports
    }
  }
}
