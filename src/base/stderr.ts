import type { Socket } from 'node:net'

/** Taken before anything is instrumented: our lines are not file writes of the app. */
const { closeSync, constants, fstatSync, openSync, readFileSync, writeSync } = process.getBuiltinModule('node:fs')

const STDERR = 2

/**
 * Writes a line to stderr without blocking. Throws when nothing is written: a pipe that nobody reads fills up, and a
 * blocking write would then hang the app's thread. On systems other than Linux, where this cannot be determined, the
 * write blocks.
 */
export function writeWithoutBlocking(line: string): void {
  if (process.platform !== 'linux') return void writeSync(STDERR, line)
  const stats = fstatSync(STDERR)
  if (stats.isSocket()) throughSocket(line)
  else if (stats.isFIFO() || stats.isCharacterDevice()) throughCopy(line)
  else writeSync(STDERR, line)
}

const MAY_NOT_OPEN: ReadonlySet<string | undefined> = new Set(['EACCES', 'ERR_ACCESS_DENIED'])

/** Opens the same pipe or terminal again, so that the mode of the copy affects nobody else. */
function throughCopy(line: string): void {
  let copy: number
  try {
    copy = openSync(`/proc/self/fd/${STDERR}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (thrown) {
    // The pipe of another user, or Node's permission model: it can be written to but not opened.
    if (MAY_NOT_OPEN.has((thrown as NodeJS.ErrnoException).code)) return throughSocket(line)
    throw thrown
  }
  try {
    writeSync(copy, line)
  } finally {
    closeSync(copy)
  }
}

interface StreamHandle {
  setBlocking(blocking: boolean): number
}

/** Never closed, since that would close stderr; it neither reads nor writes. */
let handle: StreamHandle | undefined

/**
 * Writes to a socket, which cannot be opened again and whose mode is shared by all its users: it is set to non-blocking
 * for this one write. A socket that is non-blocking already, because something has used `process.stderr`, stays so.
 */
function throughSocket(line: string): void {
  if (!isBlocking()) return void writeSync(STDERR, line)
  if (handle === undefined) {
    // Adopting the descriptor makes it non-blocking (libuv, uv_pipe_open).
    const { Socket: Taken } = process.getBuiltinModule('node:net')
    handle = (new Taken({ fd: STDERR, readable: false, writable: false }) as Socket & { _handle: StreamHandle })._handle
  }
  handle.setBlocking(false)
  try {
    writeSync(STDERR, line)
  } finally {
    handle.setBlocking(true)
  }
}

/** Returns whether stderr blocks, from the flags that Linux reports; true when they cannot be read. */
function isBlocking(): boolean {
  let text = ''
  try {
    text = readFileSync(`/proc/self/fdinfo/${STDERR}`, 'latin1')
  } catch {
    // Node's permission model.
  }
  const flags = /^flags:\s*([0-7]+)$/m.exec(text)?.[1] ?? '0'
  return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) === 0
}
