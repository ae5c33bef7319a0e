import { readFileSync, statSync } from 'node:fs'

const MAX_BYTES = 1_048_576

/**
 * Reads a file that a setting names, following symbolic links. Throws when it is not a regular file, since reading a
 * pipe or a device may never end, and when it is larger than 1 MiB.
 */
export function readRegularFile(path: string): Buffer {
  const stats = statSync(path)
  if (!stats.isFile()) throw new Error(`${path} is not a regular file`)
  if (stats.size > MAX_BYTES) throw new Error(`${path} is larger than 1 MiB`)
  return readFileSync(path)
}
