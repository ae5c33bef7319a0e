import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { OpenPack } from './pack.ts'
import type { Scratch } from './scratch.ts'
import { WARMED } from './warmed.ts'

/** There is one file per installation, Node.js version and set of flags. Beyond this number, the oldest are deleted. */
const MAX_FILES = 16
/**
 * A file that another version of V8 or other flags have made unusable is replaced, but not each time that the two
 * alternate.
 */
const MIN_AGE_MS = 3_600_000
/** A temporary file older than this is left over from a process that did not finish writing. */
const LEFT_OVER_MS = 60_000

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The file in which compiled code is cached between starts. Its content is executed, so it is used only in a folder
 * that belongs to this user, to root, or to the owner of the package's code, and that nobody else can write to.
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

  /** Returns undefined if the cache is disabled. `build` identifies a build of `dist/`. */
  static of(env: Environment, dist: string, build: string): CacheFile | undefined {
    const folder = folderFor(env, dist)
    if (folder === undefined) return undefined
    const flags = [...process.execArgv, env['NODE_OPTIONS'] ?? ''].join(' ').split(/\s+/).filter(isForV8)
    return new CacheFile(folder, [build, dist, process.version, process.arch, process.platform, ...flags].join('\n'))
  }

  /**
   * Runs `work` with the open file, or with undefined if there is none that can be trusted and read. `work` reads into
   * `scratch`. Throws only if `work` throws.
   */
  open<Result>(scratch: Scratch, work: (pack: OpenPack | undefined) => Result): Result {
    const descriptor = this.#descriptor()
    if (descriptor === undefined) return work(undefined)
    try {
      const stats = fstatSync(descriptor)
      if (!stats.isFile() || !isTrusted(stats)) return work(undefined)
      return work({
        identity: `${stats.ino} ${stats.size} ${stats.mtimeMs}`,
        sizeBytes: stats.size,
        read: (at, bytes) => scratch.read(descriptor, at, bytes),
      })
    } finally {
      closeSync(descriptor)
    }
  }

  #descriptor(): number | undefined {
    try {
      const folder = lstatSync(this.#folder)
      if (!folder.isDirectory() || !isTrusted(folder)) return undefined
      // Links are not followed, since they may lead to where others can write. A pipe does not block.
      const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
      return openSync(this.#path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch {
      return undefined
    }
  }

  /** Returns whether the file is too recent to be replaced. */
  isRecent(): boolean {
    const modifiedMs = statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs
    return modifiedMs !== undefined && Math.abs(Date.now() - modifiedMs) < MIN_AGE_MS
  }

  /**
   * Writes the file atomically: a reader sees the old file or the new one. Throws if it cannot be written, for example
   * on a read-only file system.
   */
  write(bytes: Uint8Array): void {
    makeFolder(this.#folder)
    const folder = lstatSync(this.#folder)
    if (!folder.isDirectory() || !isTrusted(folder)) return
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

/** Creates a folder and its parents. `recursive` is not used, because it never returns in `/proc`. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return
  const above = dirname(path)
  if (above !== path) makeFolder(above)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (thrown) {
    // Another process created it first.
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
  }
}

/**
 * Returns the folder of `OBS_COMPILE_CACHE`, else the one that `paxx-obs warm` created next to the code, else the
 * user's own.
 */
function folderFor(env: Environment, dist: string): string | undefined {
  const asked = env['OBS_COMPILE_CACHE']?.trim() ?? ''
  if (/^(?:false|0|no|off)$/i.test(asked)) return undefined
  // Node's own compile cache includes our files. During coverage and under the permission model, the user decides about
  // files and code.
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

/**
 * Returns whether only its owner can write to a file or folder, and the owner is this user, root, or the owner of this
 * package's code.
 */
function isTrusted({ uid, mode }: Stats): boolean {
  // Windows has no such owners and modes; there, the folder is in the user's profile.
  if (process.geteuid === undefined) return true
  const isOwned = uid === process.geteuid() || uid === 0 || uid === statSync(__filename).uid
  return isOwned && (mode & 0o022) === 0
}

/** V8's flags determine which code it accepts. Flags of Node.js whose values differ at every start are ignored. */
function isForV8(flag: string): boolean {
  return (
    flag.startsWith('--') &&
    !/^--(?:import|require|loader|experimental-loader|env-file|eval|print|title|inspect)/.test(flag)
  )
}

/** A 32-bit FNV-1a hash. Loading `node:crypto` would cost more than the cache saves; the full key is in the file. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(36)
}
