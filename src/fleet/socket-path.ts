import { linkSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:net'
import { join } from 'node:path'

/**
 * Returns the path that the leader of a fleet listens on. On Windows it is a pipe, which the folder's permissions do
 * not protect, so its name contains a secret.
 */
export function socketPath(folder: string): string {
  if (process.platform !== 'win32') return join(folder, 'socket')
  return `\\\\.\\pipe\\paxx-obs-${secretOf(folder)}`
}

/** Removes the socket's file, which outlives the process that listened on it. */
export function removeSocket(path: string): void {
  if (process.platform === 'win32') return
  try {
    unlinkSync(path)
  } catch {
    // There was none.
  }
}

/**
 * Returns the inode of the file at a path, which tells a replaced socket; undefined when there is none or it is a pipe.
 */
export function fileId(path: string): number | undefined {
  if (process.platform === 'win32') return undefined
  return statSync(path, { throwIfNoEntry: false })?.ino
}

/**
 * Closes a server whose socket another process has replaced. Closing removes the file at the socket's path (libuv,
 * uv__pipe_close), whoever owns it by now, so the file is moved aside meanwhile.
 */
export function closeReplaced(server: Server, path: string): void {
  const aside = `${path}.${process.pid}`
  try {
    linkSync(path, aside)
  } catch {
    // There is no file.
  }
  server.close()
  try {
    renameSync(aside, path)
  } catch {
    // There was no file.
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
