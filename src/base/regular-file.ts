import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'

const MAX_BYTES = 1_048_576
const PIECE_BYTES = 65_536
/**
 * Opens without blocking, so that neither a pipe without a writer nor a kernel file without content delays the start.
 */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Reads a regular file, following symbolic links. `check` may refuse it by throwing. Returns undefined when it is anything
 * else, since reading a pipe or a device may never end. Throws when it cannot be read, and when it has more than 1 MiB,
 * whatever size it claims: files of `/proc` claim none. `name` is the subject of that error.
 */
export function readIfRegular(path: string, name: string, check?: (stats: Stats) => void): Buffer | undefined {
  const descriptor = openSync(path, READ)
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) return undefined
    check?.(stats)
    const content = stats.size > MAX_BYTES ? undefined : readBounded(descriptor)
    if (content === undefined) throw new Error(`${name} is larger than 1 MiB`)
    return content
  } finally {
    closeSync(descriptor)
  }
}

/** Returns undefined when there is more than 1 MiB. */
function readBounded(descriptor: number): Buffer | undefined {
  const pieces: Buffer[] = []
  for (let bytes = 0; bytes <= MAX_BYTES;) {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    const length = readSync(descriptor, piece)
    if (length === 0) return Buffer.concat(pieces, bytes)
    bytes += length
    pieces.push(piece.subarray(0, length))
  }
  return undefined
}

/** Reads a file that a setting names. Throws when it is not a regular file of at most 1 MiB. */
export function readRegularFile(path: string): Buffer {
  const content = readIfRegular(path, path)
  if (content === undefined) throw new Error(`${path} is not a regular file`)
  return content
}
