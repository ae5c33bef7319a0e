import { linkSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { join } from 'node:path'

/**
 * Where the leader of a fleet listens. On Windows a pipe, whose name is no file of the folder but has to be guessed: it
 * has a secret in it, which is one.
 */
export function socketPath(folder: string): string {
  if (process.platform !== 'win32') return join(folder, 'socket')
  return `\\\\.\\pipe\\paxx-obs-${secretOf(folder)}`
}

/** A socket's file outlives the process that listened on it. */
export function removeSocket(path: string): void {
  if (process.platform === 'win32') return
  try {
    unlinkSync(path)
  } catch {
    // There was none.
  }
}

/** Which of all files that were ever at this path it is; undefined: none, or a pipe. */
export function fileId(path: string): number | undefined {
  if (process.platform === 'win32') return undefined
  return statSync(path, { throwIfNoEntry: false })?.ino
}

/** Closing a socket removes the file at its path (libuv, uv__pipe_close), whosever that is by now: here it is another's, and stays. */
export function closeReplaced(server: Server, path: string): void {
  const aside = `${path}.${process.pid}`
  try {
    linkSync(path, aside)
  } catch {
    // There is none.
  }
  server.close()
  try {
    renameSync(aside, path)
  } catch {
    // As before.
  }
}

function secretOf(folder: string): string {
  const path = join(folder, 'secret')
  try {
    const secret = process.getBuiltinModule('node:crypto').randomBytes(16).toString('hex')
    writeFileSync(path, secret, { flag: 'wx', mode: 0o600 })
    return secret
  } catch {
    return readFileSync(path, 'latin1')
  }
}
