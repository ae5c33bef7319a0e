const HAS_EXTENSION = /\.[cm]?[jt]sx?$/

/**
 * Whether this process is a single executable application: a copy of Node with the app inside. `require` of such an app gives
 * builtins alone, and gives them past all hooks; `process.argv[1]` is the name by which the executable was started.
 */
export function isSingleExecutable(mainScript: string | undefined): boolean {
  // Asking loads a builtin, which a script with an extension does not have to pay for.
  if (mainScript === undefined || HAS_EXTENSION.test(mainScript)) return false
  return process.getBuiltinModule('node:sea')?.isSea() === true
}
