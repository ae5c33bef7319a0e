import { readFileSync } from 'node:fs'
import { isFromSnapshot } from '../base/startup-snapshot.ts'
import { isSingleExecutable } from '../base/single-executable.ts'

/**
 * V8 reserves about 1 GB of address space for a thread's heap, and the app needs room to grow (WebAssembly, buffers).
 */
const NEEDED_BYTES = 8 * 2 ** 30
/** With less memory than this, the 10 MB of a worker thread are better left to the app. */
const NEEDED_MEMORY_BYTES = 96 * 2 ** 20
const PAGE_BYTES = 4096

/**
 * Returns why no worker thread can be started, or undefined when one can. Where the address space is limited
 * (`ulimit -v`, seen on Linux only), V8 ends the whole process when it cannot reserve a thread's heap. In a process that
 * started from a snapshot, Node.js aborts when a thread loads `node:net` (22.23, 24.21 and 26.10). No `try` prevents
 * either.
 */
export function whyNoWorker(): string | undefined {
  if (isFromSnapshot()) return 'Node.js aborts when a thread loads node:net after a start from a snapshot'
  if (process.platform !== 'linux') return undefined
  try {
    const limit = Number(/^Max address space\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1])
    const used = Number(readFileSync('/proc/self/statm', 'latin1').split(' ', 1)[0]) * PAGE_BYTES
    if (limit - used < NEEDED_BYTES) return `its address space is limited to ${Math.round(limit / 2 ** 20)} MiB`
  } catch {
    return undefined
  }
  const memory = process.constrainedMemory()
  return memory > 0 && memory < NEEDED_MEMORY_BYTES
    ? `its memory is limited to ${Math.round(memory / 2 ** 20)} MiB`
    : undefined
}

/**
 * Returns whether nothing can be sent once the event loop is empty: there can be no worker thread, and no child process
 * in its place. Known before the first batch, which must then be sent before the loop is empty.
 */
export function hasNoExitExport(): boolean {
  const { permission } = process
  if (permission !== undefined) return !permission.has('worker') && !permission.has('child')
  return isFromSnapshot() && isSingleExecutable(process.argv[1])
}
