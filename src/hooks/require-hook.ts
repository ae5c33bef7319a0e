import Module, { isBuiltin } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { packageOfSpecifier } from './packages.ts'

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
const NODE_MODULES = `${sep}node_modules${sep}`

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
  const name = id.startsWith('node:') ? id.slice(5) : id
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
  const candidate = isRelative ? packageOfPath(parent.filename ?? '') : packageOfSpecifier(id)
  const before = candidate !== undefined && !watched.has(candidate) ? load() : undefined
  if (before !== undefined) {
    // Loading it may have been what put it under watch.
    if (!watched.has(candidate as string)) return before
  } else if (candidate === undefined && isRelative && !hooks.some(({ files }) => files !== undefined)) {
    return load()
  }
  return resolved(id, parent, before === undefined ? load : () => before)
}

function resolved(id: string, parent: NodeModule, load: () => unknown): unknown {
  let filename: string
  try {
    filename = modules._resolveFilename(id, parent)
  } catch {
    // Someone else's patch may know what to do with it.
    return load()
  }
  const known = patched.get(modules._cache[filename] ?? loading)
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
      result = onRequire(result, filename.slice(dirname(filename).length + 1).replace(/\.\w+$/, ''), dirname(filename))
    }
  }
  return result
}

function packageOfPath(filename: string): string | undefined {
  const at = filename.lastIndexOf(NODE_MODULES)
  return at === -1 ? undefined : packageOfSpecifier(filename.slice(at + NODE_MODULES.length).replaceAll(sep, '/'))
}

/** `pg` for the package's main file, `pg/lib/client.js` for another of its files. */
function nameOf(filename: string): { name: string | undefined; baseDirectory: string | undefined } {
  const at = filename.lastIndexOf(NODE_MODULES)
  const packageName = packageOfPath(filename)
  if (packageName === undefined) return { name: undefined, baseDirectory: undefined }
  const baseDirectory = join(filename.slice(0, at + NODE_MODULES.length), packageName)
  return { name: isMain(filename, packageName, baseDirectory) ? packageName : innerName(), baseDirectory }

  function innerName(): string {
    return `${packageName}${sep}${relative(baseDirectory, filename)}`
  }
}

function isMain(filename: string, packageName: string, baseDirectory: string): boolean {
  try {
    return require.resolve(packageName, { paths: [baseDirectory] }) === filename
  } catch {
    return false // a package without a main file
  }
}
