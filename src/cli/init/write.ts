import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readTextFile } from '../../base/environment.ts'

/** One file, with its text before and after. */
export interface FileChange {
  readonly path: string
  /** Undefined if the file did not exist. */
  readonly before: string | undefined
  readonly after: string
}

/** Returns why this file cannot be replaced; undefined if it can. All files are checked before the first is written. */
export function obstacleTo({ path }: Pick<FileChange, 'path'>): string | undefined {
  try {
    const target = targetOf(path)
    const stats = statSync(target, { throwIfNoEntry: false })
    if (stats !== undefined && !stats.isFile()) return 'is not a regular file'
    if (stats !== undefined && stats.nlink > 1) return 'has other hard links, which would keep the old content'
    if (stats !== undefined) accessSync(target, constants.W_OK)
    accessSync(nearestFolder(dirname(target)), constants.W_OK)
    return undefined
  } catch (thrown) {
    return obstacleOf(thrown)
  }
}

/**
 * Writes a new file and renames it over the old one, so that a reader sees the old or the new text and a full disk
 * loses nothing. The mode is kept, and so is the owner if that is allowed. Throws if the file has changed since it was
 * read.
 */
export function writeWhole({ path, before, after }: FileChange): void {
  const target = targetOf(path)
  const folder = dirname(target)
  mkdirSync(folder, { recursive: true })
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const stats = statSync(target, { throwIfNoEntry: false })
    const file = openSync(temporary, 'wx', stats === undefined ? 0o666 : 0o600)
    try {
      const bytes = Buffer.from(after)
      for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    if (stats !== undefined) keepOwnerAndMode(temporary, stats)
    if (readTextFile(target) !== before)
      throw new Error(`${path} was changed by another program meanwhile; run it again`)
    renameSync(temporary, target)
  } catch (thrown) {
    rmSync(temporary, { force: true })
    throw thrown
  }
}

function keepOwnerAndMode(path: string, { uid, gid, mode }: { uid: number; gid: number; mode: number }): void {
  try {
    chownSync(path, uid, gid)
  } catch {
    // Only root may change the owner; otherwise the new file belongs to the current user, as with an editor.
  }
  chmodSync(path, mode & 0o7777)
}

/** Returns the target of a symbolic link; throws if it does not exist. */
function targetOf(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? realpathSync(path) : path
}

function nearestFolder(folder: string): string {
  return statSync(folder, { throwIfNoEntry: false }) === undefined ? nearestFolder(dirname(folder)) : folder
}

function obstacleOf(thrown: unknown): string {
  const { code } = thrown as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'is a symbolic link whose target does not exist'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return `is not writable (${code})`
  return `cannot be written (${code ?? String(thrown)})`
}
