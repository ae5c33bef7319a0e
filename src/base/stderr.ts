import fs, { constants } from 'node:fs'
import type { Socket } from 'node:net'

/** As they were before anything was instrumented: lines of ours are not file writes of the app. */
const { closeSync, fstatSync, openSync, readFileSync, writeSync } = fs

const STDERR = 2

/**
 * Writes a line to stderr at once, or not at all: a pipe that nobody reads is full some time, and a blocking write to it would
 * hold up the app's thread for ever. Throws when nothing is written. Elsewhere than on Linux, where this cannot be found
 * out, the write blocks.
 */
export function writeWithoutBlocking(line: string): void {
  if (process.platform !== 'linux') return void writeSync(STDERR, line)
  const stats = fstatSync(STDERR)
  if (stats.isSocket()) throughSocket(line)
  else if (stats.isFIFO() || stats.isCharacterDevice()) throughCopy(line)
  else writeSync(STDERR, line)
}

const MAY_NOT_OPEN: ReadonlySet<string | undefined> = new Set(['EACCES', 'ERR_ACCESS_DENIED'])

/** An open file of its own on the same pipe or terminal: a mode set on that one is nobody else's. */
function throughCopy(line: string): void {
  let copy: number
  try {
    copy = openSync(`/proc/self/fd/${STDERR}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (thrown) {
    // The pipe of another user, or Node's permission model: it can be written to, and not opened.
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

/** Never closed, since stderr would be closed with it; it neither reads nor writes. */
let handle: StreamHandle | undefined

/**
 * A socket cannot be opened once more, and its mode is that of all who have it: it does not block for this one write. Where it
 * does not block anyway, because something has used `process.stderr`, it stays so.
 */
function throughSocket(line: string): void {
  if (!isBlocking()) return void writeSync(STDERR, line)
  if (handle === undefined) {
    // Taking it over is what makes it not block (libuv, uv_pipe_open).
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

/** Octal flags of the open file, as Linux tells them; where they may not be read, it may well block. */
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
