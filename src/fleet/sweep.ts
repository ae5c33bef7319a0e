import { lstatSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { untracedWhereWatched } from '../sdk/untraced.ts'
import { connectTo } from './local-socket.ts'
import { Records } from './records.ts'
import { socketPath } from './socket-path.ts'

/**
 * The age from which a folder counts as abandoned: each scrape of a fleet writes to its folder, and a younger one may
 * belong to a fleet that is just starting.
 */
const OLD_AFTER_MS = 24 * 3600 * 1000
/** Limit on the folders that are looked at. */
const MAX_FOLDERS = 200

/**
 * Removes the folders of other fleets whose last process was killed, since no process of theirs may ever start again.
 */
export async function sweepBeside(folder: string): Promise<void> {
  // Reading the name of a pipe would create it.
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
