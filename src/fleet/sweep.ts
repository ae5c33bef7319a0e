import { lstatSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { untracedWhereWatched } from '../sdk/untraced.ts'
import { connectTo } from './connect.ts'
import { Records } from './records.ts'
import { socketPath } from './socket-path.ts'

/** Each scrape of a fleet writes to its folder; a younger one may be of a fleet that is just beginning. */
const OLD_AFTER_MS = 24 * 3600 * 1000
/** A start looks at so many others at most. */
const MAX_FOLDERS = 200

/** Removes what fleets left beside this one whose last process was killed: nobody of theirs may ever come back to do it. */
export async function sweepBeside(folder: string): Promise<void> {
  // A pipe's name cannot be told without making it.
  if (process.platform === 'win32') return
  const parent = dirname(folder)
  const others = untracedWhereWatched(() => readdirSync(parent)).slice(0, MAX_FOLDERS)
  for (const other of others.map((name) => join(parent, name))) {
    if (other === folder || !isOldFolder(other)) continue
    const socket = await connectTo(socketPath(other))
    if (socket === undefined) new Records(other).removeFolder()
    else socket.destroy()
  }
}

function isOldFolder(path: string): boolean {
  const stats = untracedWhereWatched(() => lstatSync(path, { throwIfNoEntry: false }))
  return stats?.isDirectory() === true && Date.now() - stats.mtimeMs > OLD_AFTER_MS
}
