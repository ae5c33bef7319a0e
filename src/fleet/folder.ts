import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** The reason why no folder can be used. `isUnsafe` is set when another user may have caused it. */
export class FolderError extends Error {
  readonly isUnsafe: boolean

  constructor(path: string, reason: string, isUnsafe: boolean) {
    super(`${path} ${reason}`)
    this.name = 'FolderError'
    this.isUnsafe = isUnsafe
  }
}

/** The shortest limit of any system for the path of a socket (macOS: 104 with the final zero). */
const MAX_SOCKET_PATH_BYTES = 103
const SOCKET = 'socket'
/** The length of the name of a fleet's folder. */
export const FOLDER_NAME_CHARS = 16

/**
 * Returns the folder of a fleet and creates it if necessary. It is private to this user, so that nobody else can reach
 * the socket in it. `runtimeFolder` is `XDG_RUNTIME_DIR`, if set; `nameIn` returns the folder's name once its parent
 * exists. Throws a FolderError.
 */
export function privateFolder(runtimeFolder: string | undefined, nameIn: (parent: string) => string): string {
  let failure: unknown
  for (const parent of parents(runtimeFolder)) {
    try {
      const longest = join(parent, 'x'.repeat(FOLDER_NAME_CHARS), SOCKET)
      if (Buffer.byteLength(longest) > MAX_SOCKET_PATH_BYTES) {
        throw new FolderError(parent, 'is too long a path for a socket', false)
      }
      makePrivate(parent)
      const folder = join(parent, nameIn(parent))
      makePrivate(folder)
      return folder
    } catch (thrown) {
      // A folder that another user may have planted is reported, not worked around.
      if (thrown instanceof FolderError && thrown.isUnsafe) throw thrown
      failure = thrown
    }
  }
  throw failure
}

function parents(runtimeFolder: string | undefined): string[] {
  const user = process.getuid?.() ?? userInfo().username
  const temporary = [...new Set([tmpdir(), ...(process.platform === 'win32' ? [] : ['/tmp'])])]
  return [
    ...(runtimeFolder === undefined ? [] : [join(runtimeFolder, 'paxx-obs')]),
    ...temporary.map((folder) => join(folder, `paxx-obs-${user}`)),
  ]
}

function makePrivate(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException
    if (code !== 'EEXIST') throw new FolderError(path, `could not be created: ${message}`, false)
  }
  // Links are not followed: one may lead to a folder of this user that others can write to.
  const stats = lstatSync(path)
  if (!stats.isDirectory()) throw new FolderError(path, 'is not a folder', true)
  // Windows has no such owners and modes; its temporary folder belongs to the user.
  if (process.platform === 'win32') return
  if (stats.uid !== process.getuid?.()) throw new FolderError(path, 'belongs to another user', true)
  if ((stats.mode & 0o077) !== 0) throw new FolderError(path, 'is open to other users', true)
}
