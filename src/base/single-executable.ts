const HAS_EXTENSION = /\.[cm]?[jt]sx?$/

/**
 * Returns whether this process is a single executable application: a copy of Node.js with the app inside. There,
 * `require` returns only builtins, and bypasses all hooks; `process.argv[1]` is the name by which the executable was
 * started.
 */
export function isSingleExecutable(mainScript: string | undefined): boolean {
  // The check loads a builtin, which a script with an extension need not pay for.
  if (mainScript === undefined || HAS_EXTENSION.test(mainScript)) return false
  return process.getBuiltinModule('node:sea')?.isSea() === true
}
