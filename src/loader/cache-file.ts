import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { WARMED } from './warmed.ts'

/** A file for each installation, Node.js and set of flags; of more than these the oldest go. */
const MAX_FILES = 16
/** What another version of V8 or other flags do not take is replaced, but not each time that the two take turns. */
const MIN_AGE_MS = 3_600_000
/** A file that is still being written after that is left over. */
const LEFT_OVER_MS = 60_000

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Where compiled code is kept between starts. A file of it is as good as code: it counts only in a folder that belongs to this
 * user, to root, or to whom the code itself belongs, and that nobody else writes to.
 */
export class CacheFile {
  readonly key: string
  readonly #folder: string
  readonly #path: string

  private constructor(folder: string, key: string) {
    this.#folder = folder
    this.key = key
    this.#path = join(folder, `${hashOf(key)}.bin`)
  }

  /** Undefined where nothing is kept. `build` tells one build of `dist/` from another. */
  static of(env: Environment, dist: string, build: string): CacheFile | undefined {
    const folder = folderFor(env, dist)
    if (folder === undefined) return undefined
    const flags = [...process.execArgv, env['NODE_OPTIONS'] ?? ''].join(' ').split(/\s+/).filter(isForV8)
    return new CacheFile(folder, [build, dist, process.version, process.arch, process.platform, ...flags].join('\n'))
  }

  /** Undefined where there is none that can be trusted. Never throws. */
  read(): Buffer | undefined {
    try {
      return isTrusted(this.#folder, 'folder') && isTrusted(this.#path, 'file') ? readFileSync(this.#path) : undefined
    } catch {
      return undefined
    }
  }

  /** Whether it was written so recently that it is better left alone. */
  isRecent(): boolean {
    const modifiedMs = statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs
    return modifiedMs !== undefined && Math.abs(Date.now() - modifiedMs) < MIN_AGE_MS
  }

  /** A reader sees the old file or the new one, whole. Throws where that is not possible, on a read-only system for one. */
  write(bytes: Uint8Array): void {
    makeFolder(this.#folder)
    if (!isTrusted(this.#folder, 'folder')) return
    this.#prune()
    const temporary = `${this.#path}.${process.pid}.tmp`
    try {
      writeFileSync(temporary, bytes, { flag: 'wx', mode: 0o600 })
      renameSync(temporary, this.#path)
    } catch (thrown) {
      rmSync(temporary, { force: true })
      throw thrown
    }
  }

  #prune(): void {
    const files = readdirSync(this.#folder)
      .filter((name) => /^[0-9a-z]+\.bin(?:\.\d+\.tmp)?$/.test(name))
      .map((name) => join(this.#folder, name))
      .map((path) => ({ path, modifiedMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .toSorted((a, b) => b.modifiedMs - a.modifiedMs)
    const leftOver = files.filter(
      ({ path, modifiedMs }) => path.endsWith('.tmp') && Date.now() - modifiedMs > LEFT_OVER_MS,
    )
    const tooMany = files.filter(({ path }) => path.endsWith('.bin') && path !== this.#path).slice(MAX_FILES - 1)
    for (const { path } of [...leftOver, ...tooMany]) rmSync(path, { force: true })
  }
}

/** With those above it. Not by `recursive`, which never returns in `/proc`. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return
  const above = dirname(path)
  if (above !== path) makeFolder(above)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (thrown) {
    // Another process was faster.
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
  }
}

/** `OBS_COMPILE_CACHE`; else what `paxx-obs warm` made beside the code; else the user's own folder. */
function folderFor(env: Environment, dist: string): string | undefined {
  const asked = env['OBS_COMPILE_CACHE']?.trim() ?? ''
  if (/^(?:false|0|no|off)$/i.test(asked)) return undefined
  // Node's own cache has our files too where it is on; coverage and permissions are the user's word on files and code.
  if (env['NODE_COMPILE_CACHE'] !== undefined || env['NODE_DISABLE_COMPILE_CACHE'] !== undefined) return undefined
  if (env['NODE_V8_COVERAGE'] !== undefined || process.permission !== undefined) return undefined
  if (asked !== '' && !/^(?:true|1|yes|on|auto)$/i.test(asked)) return resolve(asked)
  const warmed = join(dist, WARMED)
  if (statSync(warmed, { throwIfNoEntry: false }) !== undefined) return warmed
  if (process.platform === 'win32') return below(env['LOCALAPPDATA'], 'paxx-obs')
  return below(env['XDG_CACHE_HOME'], 'paxx-obs') ?? below(env['HOME'], '.cache', 'paxx-obs')
}

function below(home: string | undefined, ...names: readonly string[]): string | undefined {
  return home === undefined || !isAbsolute(home) ? undefined : join(home, ...names)
}

function isTrusted(path: string, kind: 'file' | 'folder'): boolean {
  // A link is not followed: it may lead to where others write.
  const stats = lstatSync(path)
  if (!(kind === 'file' ? stats.isFile() : stats.isDirectory())) return false
  // Windows has no such owners and modes; the folder is in the user's profile there.
  if (process.geteuid === undefined) return true
  const isOwned = stats.uid === process.geteuid() || stats.uid === 0 || stats.uid === statSync(__filename).uid
  return isOwned && (stats.mode & 0o022) === 0
}

/** V8's flags decide what it takes; of Node's own, those that every other start has another value of are left out. */
function isForV8(flag: string): boolean {
  return (
    flag.startsWith('--') &&
    !/^--(?:import|require|loader|experimental-loader|env-file|eval|print|title|inspect)/.test(flag)
  )
}

/** FNV-1a, of 32 bits: `node:crypto` costs a start more than what is gained here. The key itself is in the file. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(36)
}
