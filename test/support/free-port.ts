import { randomInt } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Below the range from which the kernel takes ports for outgoing connections (32768 on Linux, 49152 elsewhere). */
const FIRST = 10_000
const BEYOND_LAST = 32_000
/** The app takes one of the next ports if its own is in use. */
const STEP = 10

/** A file for each port that a test of this machine has, named after the port, with the id of the test's process. */
const TAKEN = join(tmpdir(), 'obs-test-ports')

/**
 * Returns a TCP port that was free a moment ago on the loopback address, and that neither this process nor another one has got
 * from here: two apps of one script with the same side port would be one fleet, whose metrics are summed. It is random, because
 * the kernel would give its own next port to the next connection of any other test.
 */
export async function freePort(): Promise<number> {
  releaseAtExit()
  for (;;) {
    const port = randomInt(FIRST / STEP, BEYOND_LAST / STEP) * STEP
    if (take(port) && (await canListen(port))) return port
  }
}

function take(port: number): boolean {
  try {
    writeFileSync(join(TAKEN, String(port)), String(process.pid), { flag: 'wx' })
    return true
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw thrown
  }
}

let isReady = false

/** Also releases what processes that were killed have left. */
function releaseAtExit(): void {
  if (isReady) return
  isReady = true
  mkdirSync(TAKEN, { recursive: true })
  releaseAll((owner) => !isRunning(owner))
  process.once('exit', () => releaseAll((owner) => owner === process.pid))
}

function releaseAll(ofOwner: (pid: number) => boolean): void {
  for (const name of readdirSync(TAKEN)) {
    const file = join(TAKEN, name)
    try {
      if (ofOwner(Number(readFileSync(file, 'utf8')))) rmSync(file)
    } catch {
      // Its owner has released it meanwhile.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
