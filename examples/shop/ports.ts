import { createServer } from 'node:net'

/** The port that people expect, or the next free one above it. */
export async function portNear(port: number): Promise<number> {
  for (let candidate = port; candidate < port + 100; candidate++) if (await isFree(candidate)) return candidate
  throw new Error(`no free port from ${port} on`)
}

async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, 'localhost')) && (await canListen(port, '127.0.0.1'))
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
