import { reasonOf, warn } from '../base/diag.ts'
import { bundledVersion } from './bundled.ts'

/** The part of an instrumentation that is called when a module is loaded. */
export interface Patching {
  readonly instrumentationName?: string
  _extractPackageVersion?(folder: string): string | undefined
  _warnOnPreloadedModules?(): void
  _onRequire?(definition: { readonly name: string }, exports: unknown, name: string, baseDirectory?: string): unknown
}

/** Instrumentations that expect the value that `require` returns, which the namespace of an import has as `default`. */
const WITHOUT_NAMESPACES: ReadonlySet<string> = new Set([
  '@paxx/obs/connect',
  ...['lru-memoizer', 'mysql', 'oracledb', 'socket.io'].map((name) => `@opentelemetry/instrumentation-${name}`),
])

const guarded = new WeakSet<Patching>()

/**
 * Guards a patch that fails on an unexpected module, such as an imported CommonJS one: its exception would come out of
 * the app's own `require` or `import`. Takes an instrumentation or a shared prototype, once.
 */
export function guardPatches(patching: Patching): void {
  const patch = patching._onRequire
  if (patch === undefined || guarded.has(patching)) return
  guarded.add(patching)
  readBundledVersions(patching)
  // In `node -e`, `require` is a global: it would resolve every module that is asked for, and so instrument it.
  patching._warnOnPreloadedModules = () => {}
  patching._onRequire = function (definition, exports, name, baseDirectory) {
    try {
      const apply = (of: unknown): unknown => patch.call(this, definition, of, name, baseDirectory)
      return WITHOUT_NAMESPACES.has(this.instrumentationName ?? '') ? throughDefault(exports, apply) : apply(exports)
    } catch (thrown) {
      warn(`"${name}" could not be patched (${reasonOf(thrown)}); it is not instrumented`)
      return exports
    }
  }
}

/** Makes instrumentations read the version of a package in a bundle, which has no folder. */
function readBundledVersions(patching: Patching): void {
  const read = patching._extractPackageVersion
  if (read === undefined) return
  patching._extractPackageVersion = function (folder) {
    return bundledVersion(folder) ?? read.call(this, folder)
  }
}

/** Patches the `default` of a namespace, and updates its named exports accordingly. */
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
