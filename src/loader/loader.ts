import { readFileSync, statSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { join } from 'node:path'
import { constants, Script } from 'node:vm'
import type { Handle } from '../base/handle.ts'
import { CacheFile } from './cache-file.ts'
import { type CompiledChunk, encodePack, Pack } from './pack.ts'

/** Identifies the files in `dist/`; set by the build. */
declare const BUILD_ID: string

type Environment = Readonly<Record<string, string | undefined>>
type Start = typeof import('../start.ts')
type Modules = { readonly _cache: Record<string, NodeJS.Module | undefined>; _nodeModulePaths(from: string): string[] }

/**
 * The first file that `register/index.cjs` loads, without imports from the rest. It loads the chunks of `dist/` with
 * the code that V8 compiled in an earlier start. Compilation is half of the cost of a start, and
 * `module.enableCompileCache()` would cache the app's modules as well.
 */
export function loadAndStart(handle: Handle, env: Environment): void {
  const loader = loaderFor(env)
  const chunk = loader.load('start.cjs') as Start
  chunk.start(handle, () => loader.keep())
}

interface Loader {
  load(file: string): unknown
  /** Caches what was compiled for the next start. Never throws. */
  keep(): void
}

function loaderFor(env: Environment): Loader {
  try {
    const file = CacheFile.of(env, __dirname, BUILD_ID)
    if (file !== undefined) return new CompilingLoader(file)
  } catch {
    // The chunk is then loaded like any other module.
  }
  return { load: (file) => require(`./${file}`) as unknown, keep() {} }
}

const WRAPPER = ['(function (exports, require, module, __filename, __dirname) { ', '\n})'] as const

interface Compiled extends Omit<CompiledChunk, 'data'> {
  readonly script: Script
  readonly isKept: boolean
}

/** Loads chunks as `require` does, and registers them in `require.cache`, where a `require` by path finds them. */
class CompilingLoader implements Loader {
  readonly #file: CacheFile
  readonly #require = createRequire(join(__dirname, 'start.cjs'))
  readonly #compiled = new Map<string, Compiled>()
  #pack: Pack | undefined
  #isRejected = false

  constructor(file: CacheFile) {
    this.#file = file
  }

  load(file: string): unknown {
    const modules = Module as unknown as Modules
    const path = join(__dirname, file)
    const known = modules._cache[path]
    if (known !== undefined) return known.exports
    const run = this.#compile(file, path).runInThisContext() as (...scope: unknown[]) => void
    const module = new Module(path)
    module.filename = path
    module.paths = modules._nodeModulePaths(__dirname)
    modules._cache[path] = module
    try {
      run(module.exports, this.#requireOfChunk, module, path, __dirname)
    } catch (thrown) {
      delete modules._cache[path]
      throw thrown
    }
    module.loaded = true
    return module.exports
  }

  readonly #requireOfChunk = Object.assign(
    (id: string): unknown => (/^\.\/[^/]+\.cjs$/.test(id) ? this.load(id.slice(2)) : this.#require(id)),
    this.#require,
  )

  #compile(file: string, filename: string): Script {
    const { size: sourceBytes, mtimeMs: sourceModifiedMs } = statSync(filename)
    const code = WRAPPER[0] + readFileSync(filename, 'utf8') + WRAPPER[1]
    const kept = this.#kept().get(file)
    const isOfThis = kept?.sourceBytes === sourceBytes && kept.sourceModifiedMs === sourceModifiedMs
    const script = new Script(code, {
      filename,
      cachedData: isOfThis ? kept.data : undefined,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    if (script.cachedDataRejected === true) this.#isRejected = true
    const isTaken = isOfThis && script.cachedDataRejected === false
    this.#compiled.set(file, { script, sourceBytes, sourceModifiedMs, isKept: isTaken })
    return script
  }

  /** Kept in memory for one turn of the event loop, since little is loaded later. */
  #kept(): Pack {
    if (this.#pack === undefined) {
      this.#pack = new Pack(this.#file.key, this.#file.read() ?? Buffer.alloc(0))
      setImmediate(() => (this.#pack = undefined)).unref()
    }
    return this.#pack
  }

  keep(): void {
    try {
      const isComplete = [...this.#compiled.values()].every(({ isKept }) => isKept)
      if (isComplete || (this.#isRejected && this.#file.isRecent())) return
      this.#file.write(encodePack(this.#file.key, this.#all()))
      this.#compiled.clear()
    } catch {
      // The next start compiles the chunks again.
    }
  }

  /** Includes what other apps with the same installation have loaded. */
  #all(): Map<string, CompiledChunk> {
    const pack = this.#kept()
    const chunks = new Map<string, CompiledChunk>()
    for (const name of pack.names) {
      const chunk = pack.get(name)
      if (chunk !== undefined) chunks.set(name, chunk)
    }
    for (const [name, { script, sourceBytes, sourceModifiedMs }] of this.#compiled) {
      chunks.set(name, { sourceBytes, sourceModifiedMs, data: script.createCachedData() })
    }
    return chunks
  }
}
