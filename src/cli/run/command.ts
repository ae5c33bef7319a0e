import { join } from 'node:path'

/** The preload of this installation, by path: it need not be among the app's dependencies. */
export function preloadPath(): string {
  return join(__dirname, '..', 'register', 'index.cjs')
}

/**
 * What follows `run`, as node's own arguments: its flags, the script, the script's arguments. `node` before them is the
 * habit of a lifetime, and no name for a script.
 */
export function nodeArguments(args: readonly string[], preload: string): readonly string[] {
  return ['--require', preload, ...(args[0] === 'node' ? args.slice(1) : args)]
}
