import { join } from 'node:path'

/** Returns the path of this installation's preload, so that it need not be a dependency of the app. */
export function preloadPath(): string {
  return join(__dirname, '..', 'register', 'index.cjs')
}

/**
 * Returns the arguments of Node.js after `run`: flags, the script, and the script's arguments. A leading `node`, which
 * people type out of habit, is removed.
 */
export function nodeArguments(args: readonly string[], preload: string): readonly string[] {
  return ['--require', preload, ...(args[0] === 'node' ? args.slice(1) : args)]
}
