import { linkSync, lstatSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const NAME = 'key'
const KEY_CHARS = 64

/**
 * Returns a keyed hash that distinguishes protected side ports without letting anybody test guesses of the secret. The
 * key is this user's and kept in `folder`. Loaded only when there is a password or a token.
 */
export function keyedTag(folder: string, text: string): string {
  return process.getBuiltinModule('node:crypto').createHmac('sha256', userKey(folder)).update(text).digest('hex')
}

/**
 * Returns the key of this user on this machine, which the first process creates. `folder` is private to this user.
 * Processes that create the key at once get the same one, and none reads it incomplete: it gets its name when it is
 * complete. Throws when it cannot be created or is not private.
 */
export function userKey(folder: string): string {
  const path = join(folder, NAME)
  return keyIn(path) ?? made(path)
}

function made(path: string): string {
  const own = `${path}.${process.pid}`
  writeFileSync(
    own,
    process
      .getBuiltinModule('node:crypto')
      .randomBytes(KEY_CHARS / 2)
      .toString('hex'),
    { mode: 0o600 },
  )
  try {
    linkSync(own, path)
    unlinkSync(own)
  } catch (thrown) {
    // Another process was faster. A file that is not a key is replaced; so is any file where there are no hard links.
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST' && keyIn(path) !== undefined) unlinkSync(own)
    else renameSync(own, path)
  }
  const key = keyIn(path)
  if (key === undefined) throw new Error(`${path} could not be created`)
  return key
}

/** Reads the key. Returns undefined when there is none or the file is not a valid key. */
function keyIn(path: string): string | undefined {
  try {
    if (!isPrivate(path)) return undefined
    const key = readFileSync(path, 'latin1')
    return key.length === KEY_CHARS ? key : undefined
  } catch {
    return undefined
  }
}

/** Returns whether a file is private. Links are not followed. Throws when there is none. */
function isPrivate(path: string): boolean {
  const stats = lstatSync(path)
  if (!stats.isFile()) return false
  return process.platform === 'win32' || (stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0)
}
