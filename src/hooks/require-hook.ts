import Module, { isBuiltin } from 'node:module'
import { basename, dirname, extname, sep } from 'node:path'
import { builtinName, packageOfSpecifier, packageOfUrl, pathInNodeModules } from '../base/package-names.ts'

/**
 * Stands in for the package `require-in-the-middle` in the bundle, with the same interface. That one resolves every file that
 * the app requires up to three times; this one asks first whether the file belongs to a package that is instrumented.
 */
export type OnRequire = (exports: unknown, name: string, baseDirectory?: string) => unknown

interface NodeModule {
  readonly filename?: string | null
}

interface NodeModules {
  readonly prototype: { require: (this: NodeModule, ...args: unknown[]) => unknown }
  readonly _cache: Record<string, object | undefined>
  _resolveFilename(id: string, parent: NodeModule): string
}

const modules = Module as unknown as NodeModules

const watched = new Set<string>()
const hooks: { readonly files: ReadonlySet<string> | undefined; readonly onRequire: OnRequire }[] = []
/** By the entry of `require.cache`, so that a module that is loaded anew is patched anew. */
const patched = new WeakMap<object, { readonly exports: unknown }>()
const patchedBuiltins = new Map<string, unknown>()
const loading = new Set<string>()

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
  modules.prototype.require = function (this: NodeModule, ...args: unknown[]): unknown {
    const [id] = args
    const load = (): unknown => Reflect.apply(require, this, args)
    if (typeof id !== 'string') return load()
    return isBuiltin(id) ? builtin(id, load()) : file(id, this, load)
  }
  const { getBuiltinModule } = process
  process.getBuiltinModule = function (id: string): object | undefined {
    const exports = getBuiltinModule.call(process, id)
    return exports === undefined ? undefined : (builtin(id, exports) as object)
  } as typeof process.getBuiltinModule
}

function builtin(id: string, exports: unknown): unknown {
  const name = builtinName(id)
  beforeBuiltin(name)
  if (!watched.has(name)) return exports
  if (!patchedBuiltins.has(name)) {
    patchedBuiltins.set(name, exports) // what a hook gets that requires it again
    patchedBuiltins.set(name, throughHooks(exports, name, undefined, undefined))
  }
  return patchedBuiltins.get(name)
}

function file(id: string, parent: NodeModule, load: () => unknown): unknown {
  const isRelative = id.startsWith('.')
  // A package's own files are of interest when the package is; what else they require is seen under its own name.
  const candidate = isRelative ? packageOfUrl(slashed(parent.filename ?? '')) : packageOfSpecifier(id)
  if (candidate === undefined) return isRelative && !watchesFiles() ? load() : resolved(id, parent, load)
  if (watched.has(candidate)) return resolved(id, parent, load)
  const exports = load()
  // Loading it may have been what put it under watch.
  return watched.has(candidate) ? resolved(id, parent, () => exports) : exports
}

function watchesFiles(): boolean {
  return hooks.some(({ files }) => files !== undefined)
}

function resolved(id: string, parent: NodeModule, load: () => unknown): unknown {
  let filename: string
  try {
    filename = modules._resolveFilename(id, parent)
  } catch {
    // Someone else's patch may know what to do with it.
    return load()
  }
  const cached = modules._cache[filename]
  const known = cached === undefined ? undefined : patched.get(cached)
  if (known !== undefined) return known.exports
  // A circular require sees what has been exported so far.
  if (loading.has(filename)) return load()
  loading.add(filename)
  let exports: unknown
  try {
    exports = load()
  } finally {
    loading.delete(filename)
  }
  const entry = modules._cache[filename]
  if (entry === undefined) return exports
  patched.set(entry, { exports })
  const { name, baseDirectory } = nameOf(filename)
  const result = throughHooks(exports, name, baseDirectory, filename)
  patched.set(entry, { exports: result })
  return result
}

function throughHooks(
  exports: unknown,
  name: string | undefined,
  baseDirectory: string | undefined,
  filename: string | undefined,
): unknown {
  let result = exports
  for (const { files, onRequire } of hooks) {
    if (files === undefined) {
      if (name !== undefined) result = onRequire(result, name, baseDirectory)
    } else if (filename !== undefined && files.has(filename)) {
      result = onRequire(result, basename(filename, extname(filename)), dirname(filename))
    }
  }
  return result
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
