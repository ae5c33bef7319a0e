import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the range from which the kernel takes ports for outgoing connections (32768 on Linux, 49152 elsewhere). */
const FIRST = 10_000
const BEYOND_LAST = 32_000

const returned = new Set<number>()

/**
 * Returns a TCP port that was free a moment ago on the loopback address, and that this process has not returned before:
 * two apps of one script with the same side port would be one fleet, whose metrics are summed. It is random, because the
 * kernel would give its own next port to the next connection of any other test.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, BEYOND_LAST)
    if (returned.has(port)) continue
    returned.add(port)
    if (await canListen(port)) return port
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
