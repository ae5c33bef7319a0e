import * as diag from '../base/diag.ts'
import type { FleetSettings } from '../settings/settings.ts'
import { FolderError, privateFolder } from './folder.ts'

interface FolderInput {
  readonly settings: FleetSettings
  readonly port: number
}

/** Without either: no folder is wanted. What somebody may have laid in our way is said. */
export function openFolder(
  { settings, port }: FolderInput,
  name: string,
): { readonly folder?: string; readonly problem?: string } {
  // A port of its own is what port 0 asks for.
  if (!settings.enabled || port === 0) return {}
  try {
    return { folder: privateFolder(settings.runtimeFolder, name) }
  } catch (thrown) {
    const problem = diag.reasonOf(thrown)
    const say = thrown instanceof FolderError && thrown.isUnsafe ? diag.warn : diag.debug
    say(`this process does not share its side port: ${problem}`)
    return { problem }
  }
}
