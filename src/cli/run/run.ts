import { spawn, type StdioOptions } from 'node:child_process'
import { constants } from 'node:os'
import { channelEnvironment, snapshotEnvironment } from '../../base/environment.ts'
import { EXIT } from '../exit-codes.ts'
import { nodeArguments, preloadPath } from './command.ts'

/** An option of ours if it comes first. Node's own flag of that name can follow it, or be written as `-p`. */
const PRINT = '--print'

/**
 * Implements `paxx-obs run …`: runs Node.js with the preload in place of this process. If the system can replace a
 * process, nothing remains between the app and its parent: pid, signals, standard streams and exit code are the app's
 * own.
 */
export function run(args: readonly string[]): void {
  const prints = args[0] === PRINT
  const command = nodeArguments(prints ? args.slice(1) : args, preloadPath())
  const environment = { ...snapshotEnvironment(), ...(prints ? { OBS_PRINT: 'true' } : {}) }
  // A replaced process keeps only its standard streams, and loses the IPC channel to a parent that forked it.
  if (process.execve !== undefined && process.platform !== 'win32' && process.channel == null) {
    process.execve(process.execPath, [process.execPath, ...command], environment as NodeJS.ProcessEnv)
  } else {
    runBelow(command, environment as NodeJS.ProcessEnv)
  }
}

/** Runs a child process with the same streams and, if there is one, the same IPC channel. */
function runBelow(command: readonly string[], environment: NodeJS.ProcessEnv): void {
  const channel = process.channel as { readonly fd?: number } | undefined | null
  const stdio: StdioOptions = ['inherit', 'inherit', 'inherit', ...(channel?.fd === undefined ? [] : [channel.fd])]
  const child = spawn(process.execPath, command, {
    stdio,
    env: { ...environment, ...(channel?.fd === undefined ? {} : channelEnvironment(3)) },
  })
  // Nothing has been read from the channel: that happens in the event loop, which has not started.
  if (channel != null) process.nextTick(() => process.disconnect())
  const stop = forwardSignals((signal) => void child.kill(signal))
  child.once('error', (error) => {
    process.stderr.write(`paxx-obs: node could not be started (${error.message})\n`)
    process.exitCode = EXIT.problem
  })
  child.once('exit', (code, signal) => {
    stop()
    if (signal === null) process.exitCode = code ?? EXIT.problem
    else process.kill(process.pid, signal)
  })
}

/**
 * Forwards the signals that a process can receive and listen to. In a terminal, Ctrl-C and Ctrl-\ reach the child by
 * themselves.
 */
function forwardSignals(forward: (signal: NodeJS.Signals) => void): () => void {
  const fromTerminal = process.stdin.isTTY ? ['SIGINT', 'SIGQUIT'] : []
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGCONT', 'SIGWINCH', 'SIGBREAK'] as const
  const watched = names.filter((name) => name in constants.signals)
  const listener = (signal: NodeJS.Signals): void => {
    if (!fromTerminal.includes(signal)) forward(signal)
  }
  for (const name of watched) process.on(name, listener)
  return () => {
    for (const name of watched) process.removeListener(name, listener)
  }
}
