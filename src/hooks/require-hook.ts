import Module, { isBuiltin } from 'node:module'
import { basename, dirname, extname, sep } from 'node:path'
import { types } from 'node:util'
import { load } from '../base/chunks.ts'
import { builtinName, packageOfSpecifier, packageOfUrl, pathInNodeModules } from '../base/package-names.ts'
import { resemble } from '../instrumentation/resemble.ts'

/**
 * Stands in for the package `require-in-the-middle` in the bundle, with the same interface. That one resolves every file that
 * the app requires up to three times; this one asks first whether the file belongs to a package that is instrumented.
 */
export type OnRequire = (exports: unknown, name: string, baseDirectory?: string) => unknown

interface NodeModule {
  readonly filename?: string | null
}

/** An entry of `require.cache`: one that Node loaded, or whatever an app puts there. */
interface CacheEntry {
  readonly exports?: unknown
  readonly loaded?: boolean
  /** Where it looks for packages, which Node notes when it loads the file. */
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
/** What a module exports and what the hooks made of it. */
interface Patched {
  readonly original: unknown
  readonly result: unknown
}

/** By the entry of `require.cache`, so that a module that is loaded anew is patched anew. */
const patched = new WeakMap<CacheEntry, Patched>()
const patchedBuiltins = new Map<string, Patched>()

let isPatched = false
let beforeBuiltin: (name: string) => void = () => {}

/** `prepare` is told of each builtin that is required, before it is looked at. */
export function onBuiltin(prepare: (name: string) => void): void {
  beforeBuiltin = prepare
  if (!isPatched) patchRequire()
}

/** Packages and builtins whose files are passed to the hooks from now on. */
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
    // Called from here, so that each `require` in the stack of an error has no more than one frame of ours.
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

/** Has a builtin patched that nobody has required yet. */
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
  // A mock that was put in its place stays as it is.
  if (exports !== Reflect.apply(getBuiltinModule, process, [`node:${name}`])) return exports
  patchedBuiltins.set(name, { original: exports, result: exports }) // what a hook gets that requires it again
  const result = throughHooks(exports, name, undefined, undefined)
  patchedBuiltins.set(name, { original: exports, result })
  return result
}

function file(id: string, parent: NodeModule, exports: unknown): unknown {
  const isRelative = id.startsWith('.')
  // A package's own files are of interest when the package is; what else they require is seen under its own name.
  const candidate = isRelative ? packageOfUrl(slashed(parent.filename ?? '')) : packageOfSpecifier(id)
  if (candidate === undefined ? isRelative && !watchesFiles() : !watched.has(candidate)) return exports
  try {
    return resolved(modules._resolveFilename(id, parent), exports)
  } catch {
    // Someone else's patch knew what to do with it.
    return exports
  }
}

function watchesFiles(): boolean {
  return hooks.some(({ files }) => files !== undefined)
}

/**
 * Only what Node loaded from that file is patched, and only once it is loaded: a circular `require` sees what has been exported so
 * far, and what an app or a test puts in a module's place is theirs, whether in `require.cache` or through `Module._load`.
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

/** What the hooks make of the exports of a file that is part of a bundle, once per file. */
export function patchBundled(exports: unknown, name: string, baseDirectory: string): unknown {
  try {
    return throughHooks(exports, name, baseDirectory, undefined)
  } catch {
    // Each hook says what it could not do.
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

/**
 * The exports of an ES module that is required, and those that a bundler or a compiler of ES modules has written as getters, cannot
 * be written to: `exports.connect = traced` throws or is forgotten.
 */
function hasFixedMembers(exports: unknown): exports is object {
  return (
    types.isModuleNamespaceObject(exports) ||
    (typeof exports === 'object' &&
      Object.values(Object.getOwnPropertyDescriptors(exports ?? {})).some(
        (each) => each.get && !each.set && !each.configurable,
      ))
  )
}

/** Packages are told from paths with slashes, on Windows too. */
function slashed(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/')
}

/** `pg` for the package's main file, `pg/lib/client.js` for another of its files. */
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
