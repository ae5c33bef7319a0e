import { syncBuiltinESMExports } from 'node:module'
import { reasonOf, warn } from '../base/diag.ts'
import type { Instrumentations } from './instrumentations.ts'
import type { PendingPackages } from './pending-packages.ts'
import { patchBuiltin } from './require-hook.ts'

/**
 * Patches a builtin when it is first used. Importing modules see the patch because the builtin's exports are
 * synchronised.
 */
export function useBuiltin(builtin: string, pending: PendingPackages, instrumentations: Instrumentations): void {
  const names = pending.takeBuiltin(builtin)
  if (names.length === 0) return
  for (const name of names) instrumentations.activate(name)
  try {
    patchBuiltin(builtin)
    syncBuiltinESMExports()
  } catch (thrown) {
    warn(`the builtin module "${builtin}" could not be patched (${reasonOf(thrown)}); it is not instrumented`)
  }
}
