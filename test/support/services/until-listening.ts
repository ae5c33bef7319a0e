import type { ChildProcess } from 'node:child_process'
import { connect } from 'node:net'
import { eventually } from '../eventually.ts'

/**
 * Resolves when the port accepts connections. Rejects if the server exits first or takes too long; `signal` then ends
 * it, which has to be one that a script hands on to the server that it has started.
 */
export async function untilListening(
  server: ChildProcess,
  port: number,
  timeoutMs = 60_000,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<void> {
  let output = ''
  server.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  server.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const look = async (): Promise<string | false> =>
    (await accepts(port)) ? 'up' : server.exitCode !== null && 'exited'
  if ((await eventually(look, timeoutMs).catch(() => 'late')) === 'up') return
  server.kill(signal)
  throw new Error(`nothing listens on ${port}\n${output}`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
