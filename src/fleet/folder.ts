import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** Why no folder can be used. `isUnsafe`: somebody else could have made it so. */
export class FolderError extends Error {
  readonly isUnsafe: boolean

  constructor(path: string, reason: string, isUnsafe: boolean) {
    super(`${path} ${reason}`)
    this.name = 'FolderError'
    this.isUnsafe = isUnsafe
  }
}

/** The shortest that any system allows for a socket's path (macOS: 104 with the final zero). */
const MAX_SOCKET_PATH_BYTES = 103
const SOCKET = 'socket'
/** How long the name of a fleet's folder is. */
export const FOLDER_NAME_CHARS = 16

/**
 * The folder of a fleet, made when it is not there: of this user alone, so that nobody else gets at the socket in it.
 * `runtimeFolder`: `XDG_RUNTIME_DIR`, where there is one. `nameIn` gives its name, once its parent is there. Throws a FolderError.
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
      // What somebody may have laid in our way is said, not stepped around.
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
    if (code !== 'EEXIST') throw new FolderError(path, `cannot be made: ${message}`, false)
  }
  // Not followed: a link may lead to a folder of this user's that others write to.
  const stats = lstatSync(path)
  if (!stats.isDirectory()) throw new FolderError(path, 'is not a folder', true)
  // Windows has no such owners and modes; the folder for temporary files is the user's there.
  if (process.platform === 'win32') return
  if (stats.uid !== process.getuid?.()) throw new FolderError(path, 'belongs to another user', true)
  if ((stats.mode & 0o077) !== 0) throw new FolderError(path, 'is open to other users', true)
}
