import { reasonOf, warn } from '../base/diag.ts'
import { bundledVersion } from './bundled.ts'

/** The part of an instrumentation that is called when a module is loaded. */
export interface Patching {
  readonly instrumentationName?: string
  _extractPackageVersion?(folder: string): string | undefined
  _onRequire?(definition: { readonly name: string }, exports: unknown, name: string, baseDirectory?: string): unknown
}

/** Those that expect what `require` gives; the namespace of an import has it as `default`. */
const WITHOUT_NAMESPACES: ReadonlySet<string> = new Set([
  '@paxx/obs/connect',
  ...['lru-memoizer', 'memcached', 'mysql', 'oracledb', 'socket.io'].map(
    (name) => `@opentelemetry/instrumentation-${name}`,
  ),
])

const guarded = new WeakSet<Patching>()

/**
 * A patch may fail on a module that is not as it expects, such as a CommonJS one that is imported. What it throws would come
 * out of the app's own `require` or `import`. Takes an instrumentation or the prototype of many, once.
 */
export function guardPatches(patching: Patching): void {
  const patch = patching._onRequire
  if (patch === undefined || guarded.has(patching)) return
  guarded.add(patching)
  readBundledVersions(patching)
  patching._onRequire = function (definition, exports, name, baseDirectory) {
    try {
      const apply = (of: unknown): unknown => patch.call(this, definition, of, name, baseDirectory)
      return WITHOUT_NAMESPACES.has(this.instrumentationName ?? '') ? throughDefault(exports, apply) : apply(exports)
    } catch (thrown) {
      warn(`"${name}" could not be patched (${reasonOf(thrown)}); it is loaded as it is`)
      return exports
    }
  }
}

/** Of a package in a bundle the version is known, and there is no folder to read it of. */
function readBundledVersions(patching: Patching): void {
  const read = patching._extractPackageVersion
  if (read === undefined) return
  patching._extractPackageVersion = function (folder) {
    return bundledVersion(folder) ?? read.call(this, folder)
  }
}

/** Of a namespace its `default` is patched, and its names follow. */
export function throughDefault(exports: unknown, patch: (exports: unknown) => unknown): unknown {
  const namespace = exports as Record<string, unknown> & { readonly [Symbol.toStringTag]?: string }
  const required = namespace['default'] as Record<string, unknown> | undefined
  if (namespace[Symbol.toStringTag] !== 'Module' || required === undefined) return patch(exports)
  const before = Object.keys(namespace).map((key) => [key, required[key]] as const)
  const patched = patch(required)
  for (const [key, value] of before) {
    if (key !== 'default' && value !== undefined && required[key] !== value) namespace[key] = required[key]
  }
  return patched
}
