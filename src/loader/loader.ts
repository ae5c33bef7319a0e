import { isAscii } from 'node:buffer'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { join } from 'node:path'
import { constants, Script } from 'node:vm'
import { CacheFile } from './cache-file.ts'
import { type CompiledChunk, encodePack, type OpenPack, Pack } from './pack.ts'
import { Scratch } from './scratch.ts'

/** Identifies the files in `dist/`; set by the build. */
declare const BUILD_ID: string

type Environment = Readonly<Record<string, string | undefined>>
type Modules = { readonly _cache: Record<string, NodeJS.Module | undefined>; _nodeModulePaths(from: string): string[] }

/**
 * Loads the chunks of `dist/` with the code that V8 compiled in an earlier start. Compilation is half of the cost of a
 * start, and `module.enableCompileCache()` would cache the app's modules as well. It does not load `dist/start.cjs`,
 * which every process needs: reading the cache would take longer than compiling so little.
 */
export interface Loader {
  load(file: string): unknown
  /** Returns whether there is nothing to write: the cache has every loaded chunk already, or is disabled. */
  isKept(): boolean
  /** Caches what was compiled for the next start. Never throws. */
  keep(): void
}

export function createLoader(env: Environment): Loader {
  try {
    const file = CacheFile.of(env, __dirname, BUILD_ID)
    if (file !== undefined) return new CompilingLoader(file)
  } catch {
    // The chunk is then loaded like any other module.
  }
  return { load: (file) => require(`./${file}`) as unknown, isKept: () => true, keep() {} }
}

const WRAPPER = ['(function (exports, require, module, __filename, __dirname) { ', '\n})'] as const

interface Compiled extends Omit<CompiledChunk, 'data'> {
  readonly script: Script
  readonly isKept: boolean
}

interface Source extends Omit<CompiledChunk, 'data'> {
  /** The source with Node's module wrapper around it. */
  readonly code: string
}

/** Loads chunks as `require` does, and registers them in `require.cache`, where a `require` by path finds them. */
class CompilingLoader implements Loader {
  readonly #file: CacheFile
  readonly #require = createRequire(join(__dirname, 'start.cjs'))
  readonly #compiled = new Map<string, Compiled>()
  /** Memory that all chunks share, since they are loaded one after the other. */
  readonly #scratch = new Scratch()
  #isFreed = true
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
    this.#freeSoon()
    const { code, sourceBytes, sourceModifiedMs } = this.#source(filename)
    return this.#file.open(this.#scratch, (open) => {
      const kept = open === undefined ? undefined : this.#packOf(open).get(file, open)
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
    })
  }

  /** Reads a chunk between the two halves of the wrapper, since V8 would copy the parts of a concatenated string. */
  #source(filename: string): Source {
    const descriptor = openSync(filename, 'r')
    try {
      const { size, mtimeMs } = fstatSync(descriptor)
      const [before, after] = WRAPPER
      const bytes = this.#scratch.take(before.length + size + after.length)
      bytes.write(before, 'latin1')
      const read = readSync(descriptor, bytes, before.length, size, 0)
      bytes.write(after, before.length + read, 'latin1')
      const whole = bytes.subarray(0, before.length + read + after.length)
      const code = isAscii(whole) ? whole.toString('latin1') : whole.toString('utf8')
      return { code, sourceBytes: size, sourceModifiedMs: mtimeMs }
    } finally {
      closeSync(descriptor)
    }
  }

  #freeSoon(): void {
    if (!this.#isFreed) return
    this.#isFreed = false
    setImmediate(() => {
      this.#isFreed = true
      this.#scratch.free()
    }).unref()
  }

  #packOf(open: OpenPack): Pack {
    if (this.#pack?.identity !== open.identity) this.#pack = new Pack(this.#file.key, open)
    return this.#pack
  }

  isKept(): boolean {
    return [...this.#compiled.values()].every(({ isKept }) => isKept)
  }

  keep(): void {
    try {
      if (this.isKept() || (this.#isRejected && this.#file.isRecent())) return
      this.#file.write(encodePack(this.#file.key, this.#all()))
      this.#compiled.clear()
    } catch {
      // The next start compiles the chunks again.
    }
  }

  /** Returns the chunks to write, including those that other apps with the same installation have loaded. */
  #all(): Map<string, CompiledChunk> {
    const chunks = new Map<string, CompiledChunk>()
    this.#file.open(this.#scratch, (open) => {
      if (open === undefined) return
      const pack = this.#packOf(open)
      for (const name of pack.names) {
        const chunk = this.#compiled.has(name) ? undefined : pack.get(name, open)
        if (chunk !== undefined) chunks.set(name, { ...chunk, data: Uint8Array.from(chunk.data) })
      }
    })
    for (const [name, { script, sourceBytes, sourceModifiedMs }] of this.#compiled) {
      chunks.set(name, { sourceBytes, sourceModifiedMs, data: script.createCachedData() })
    }
    return chunks
  }
}
