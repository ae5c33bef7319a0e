import Module, { isBuiltin } from 'node:module'
import { basename, dirname, extname, sep } from 'node:path'
import { load } from '../base/chunks.ts'
import { hasFixedMembers } from '../base/fixed-members.ts'
import { builtinName, packageOfSpecifier, packageOfUrl, pathInNodeModules } from '../base/package-names.ts'
import { resemble } from '../instrumentation/resemble.ts'

/**
 * Replaces the package `require-in-the-middle` in the bundle, with the same interface. That package resolves every
 * required file up to three times; this one first checks whether the file belongs to an instrumented package.
 */
export type OnRequire = (exports: unknown, name: string, baseDirectory?: string) => unknown

interface NodeModule {
  readonly filename?: string | null
}

/** An entry of `require.cache`: one that Node.js loaded, or whatever an app has put there. */
interface CacheEntry {
  readonly exports?: unknown
  readonly loaded?: boolean
  /** The lookup paths for packages, which Node.js sets when it loads the file. */
  readonly paths?: unknown
}

interface NodeModules {
  readonly prototype: { require: (this: NodeModule, ...args: unknown[]) => unknown }
  readonly _cache: Record<string, CacheEntry | undefined>
  _resolveFilename(id: string, parent: NodeModule): string
}

const modules = Module as unknown as NodeModules

const watched = new Set<string>()
const hooks: { readonly files: ReadonlySet<string> | undefined; readonly onRequire: OnRequire }[] = []
/** The exports of a module and what the hooks returned for them. */
interface Patched {
  readonly original: unknown
  readonly result: unknown
}

/** The patched modules by their entry in `require.cache`, so that a module that is loaded again is patched again. */
const patched = new WeakMap<CacheEntry, Patched>()
const patchedBuiltins = new Map<string, Patched>()

let isPatched = false
let beforeBuiltin: (name: string) => void = () => {}

/** Calls `prepare` with each required builtin before it is returned. */
export function onBuiltin(prepare: (name: string) => void): void {
  beforeBuiltin = prepare
  if (!isPatched) patchRequire()
}

/** Passes the files of these packages and builtins to the hooks from now on. */
export function watchModules(names: Iterable<string>): void {
  for (const name of names) watched.add(name)
}

/** `files`: absolute paths; null: everything that is watched. A class, because callers `new` it. */
// oxlint-disable-next-line typescript/no-extraneous-class -- see above
export class Hook {
  constructor(files: readonly string[] | null, _options: object, onRequire: OnRequire) {
    if (!isPatched) patchRequire()
    hooks.push({ files: files === null ? undefined : new Set(files), onRequire })
  }
}

function patchRequire(): void {
  isPatched = true
  const { require } = modules.prototype
  modules.prototype.require = resembling(require, function (this: NodeModule, ...args: unknown[]): unknown {
    // Called from here, so that each `require` adds only one frame of ours to the stack of an error.
    const exports: unknown = Reflect.apply(require, this, args)
    const [id] = args
    if (typeof id !== 'string') return exports
    return isBuiltin(id) ? builtin(id, exports) : file(id, this, exports)
  })
  process.getBuiltinModule = resembling(getBuiltinModule, function (this: unknown, id: unknown): unknown {
    const exports = Reflect.apply(getBuiltinModule, this, [id]) as unknown
    return exports === undefined ? undefined : builtin(id as string, exports)
  }) as typeof process.getBuiltinModule
}

const { getBuiltinModule } = process

function resembling<Own extends (...args: never[]) => unknown>(original: object, own: Own): Own {
  resemble(own, original)
  return own
}

/** Patches a builtin that has not been required yet. */
export function patchBuiltin(name: string): void {
  // Some builtins have no name without the prefix.
  builtin(name, Reflect.apply(getBuiltinModule, process, [`node:${name}`]))
}

function builtin(id: string, exports: unknown): unknown {
  const name = builtinName(id)
  beforeBuiltin(name)
  if (!watched.has(name)) return exports
  const known = patchedBuiltins.get(name)
  if (known !== undefined) return known.original === exports ? known.result : exports
  // A mock in its place is not patched.
  if (exports !== Reflect.apply(getBuiltinModule, process, [`node:${name}`])) return exports
  patchedBuiltins.set(name, { original: exports, result: exports }) // what a hook gets that requires it again
  const result = throughHooks(exports, name, undefined, undefined)
  patchedBuiltins.set(name, { original: exports, result })
  return result
}

function file(id: string, parent: NodeModule, exports: unknown): unknown {
  const isRelative = id.startsWith('.')
  // A package's own files are watched if the package is. Those of other packages are recognised by the names of these.
  const candidate = isRelative ? packageOfUrl(slashed(parent.filename ?? '')) : packageOfSpecifier(id)
  if (candidate === undefined ? isRelative && !watchesFiles() : !watched.has(candidate)) return exports
  try {
    return resolved(modules._resolveFilename(id, parent), exports)
  } catch {
    // Another hook has handled it.
    return exports
  }
}

function watchesFiles(): boolean {
  return hooks.some(({ files }) => files !== undefined)
}

/**
 * Patches only what Node.js loaded from that file, and only when it is completely loaded: a circular `require` returns
 * the exports so far, and replacements by an app or a test are theirs, whether in `require.cache` or through
 * `Module._load`.
 */
function resolved(filename: string, exports: unknown): unknown {
  const entry = modules._cache[filename]
  if (entry === undefined || entry.exports !== exports || entry.loaded !== true || !Array.isArray(entry.paths))
    return exports
  const known = patched.get(entry)
  if (known !== undefined) return known.original === exports ? known.result : exports
  patched.set(entry, { original: exports, result: exports })
  const { name, baseDirectory } = nameOf(filename)
  const result = throughHooks(exports, name, baseDirectory, filename)
  patched.set(entry, { original: exports, result })
  return result
}

/** Patches the exports of a file in a bundle, once per file. */
export function patchBundled(exports: unknown, name: string, baseDirectory: string): unknown {
  try {
    return throughHooks(exports, name, baseDirectory, undefined)
  } catch {
    // Each hook logs its own failures.
    return exports
  }
}

function throughHooks(
  exports: unknown,
  name: string | undefined,
  baseDirectory: string | undefined,
  filename: string | undefined,
): unknown {
  const patch = (given: unknown): unknown => {
    let result = given
    for (const { files, onRequire } of hooks) {
      if (files === undefined) {
        if (name !== undefined) result = onRequire(result, name, baseDirectory)
      } else if (filename !== undefined && files.has(filename)) {
        result = onRequire(result, basename(filename, extname(filename)), dirname(filename))
      }
    }
    return result
  }
  if (!hasFixedMembers(exports)) return patch(exports)
  return load<typeof import('./writable-exports.ts')>('writable-exports').patchedBy(exports, patch)
}

/** Converts to slashes, by which packages are recognised, on Windows too. */
function slashed(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/')
}

/** Returns `pg` for the package's main file, and `pg/lib/client.js` for any other file. */
function nameOf(filename: string): { name: string | undefined; baseDirectory: string | undefined } {
  const inner = pathInNodeModules(slashed(filename))
  const packageName = inner === undefined ? undefined : packageOfSpecifier(inner)
  if (inner === undefined || packageName === undefined) return { name: undefined, baseDirectory: undefined }
  const baseDirectory = filename.slice(0, filename.length - inner.length + packageName.length)
  const name = isMain(filename, packageName, baseDirectory) ? packageName : inner.replaceAll('/', sep)
  return { name, baseDirectory }
}

function isMain(filename: string, packageName: string, baseDirectory: string): boolean {
  try {
    return require.resolve(packageName, { paths: [baseDirectory] }) === filename
  } catch {
    return false // a package without a main file
  }
}
