import { linkSync, lstatSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const NAME = 'key'
const KEY_CHARS = 64

/**
 * Tells one protected side port from another by a name that nobody can test guesses against: with the key of this user, which is kept
 * in `folder`. Loaded only where there is a password or a token.
 */
export function keyedTag(folder: string, text: string): string {
  return process.getBuiltinModule('node:crypto').createHmac('sha256', userKey(folder)).update(text).digest('hex')
}

/**
 * A key of this user on this machine, made by whoever needs it first. `folder`: of this user alone. Two that make it at once get
 * the same, and nobody reads half of it: it is complete when it has its name. Throws where it cannot be made or is not private.
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
    // Somebody was quicker. What is there and no key is replaced, and so it is where there are no hard links.
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST' && keyIn(path) !== undefined) unlinkSync(own)
    else renameSync(own, path)
  }
  const key = keyIn(path)
  if (key === undefined) throw new Error(`${path} cannot be made`)
  return key
}

/** Undefined: there is none, or what is there is no key. */
function keyIn(path: string): string | undefined {
  try {
    if (!isPrivate(path)) return undefined
    const key = readFileSync(path, 'latin1')
    return key.length === KEY_CHARS ? key : undefined
  } catch {
    return undefined
  }
}

/** Not followed. Throws where there is none. */
function isPrivate(path: string): boolean {
  const stats = lstatSync(path)
  if (!stats.isFile()) return false
  return process.platform === 'win32' || (stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0)
}
