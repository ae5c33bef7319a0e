import { spawn } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Every process that a test starts goes through here, so that none outlives its test: not when the test fails, not when
 * the runner is interrupted, and on Linux not even when the runner is killed (the kernel then signals the child).
 */
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => process.platform === 'linux' && existsSync(path))

const alive = new Set<ChildProcess>()

export interface ChildOptions extends SpawnOptions {
  /**
   * The signal that the child receives if the runner dies. A database needs one that lets it remove its shared memory.
   * Default SIGKILL.
   */
  readonly parentDeathSignal?: NodeJS.Signals
}

export function spawnChild(command: string, args: readonly string[], options: ChildOptions): ChildProcess {
  watchOwnEnd()
  const { parentDeathSignal = 'SIGKILL', ...spawnOptions } = options
  // setpriv execs the command, so the pid, the signals and the exit code are the command's own.
  const child = SETPRIV
    ? spawn(SETPRIV, ['--pdeathsig', parentDeathSignal.slice(3), '--', command, ...args], spawnOptions)
    : spawn(command, args, spawnOptions)
  alive.add(child)
  child.once('exit', () => alive.delete(child))
  child.once('error', () => alive.delete(child))
  return child
}

/** Ends the child if it is still running, and resolves when it has exited. */
export async function endChild(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill(signal)
  await gone
}

let watching = false

function watchOwnEnd(): void {
  if (watching) return
  watching = true
  process.once('exit', () => {
    for (const child of alive) child.kill('SIGKILL')
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => {
      for (const child of alive) child.kill('SIGKILL')
      process.kill(process.pid, signal)
    })
  }
}
