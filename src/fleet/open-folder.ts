import { load } from '../base/chunks.ts'
import * as diag from '../base/diag.ts'
import type { FleetSettings } from '../settings/settings.ts'
import { FolderError, privateFolder } from './folder.ts'
import { fleetIdentity, type FleetIdentity, type IdentityInput } from './identity.ts'

interface FolderInput extends IdentityInput {
  readonly settings: FleetSettings
}

export interface OpenedFolder {
  readonly folder: string
  readonly identity: FleetIdentity
}

/** Without either: no folder is wanted. What somebody may have laid in our way is said. */
export function openFolder(input: FolderInput): Partial<OpenedFolder> & { readonly problem?: string } {
  const { settings, port } = input
  // A port of its own is what port 0 asks for.
  if (!settings.enabled || port === 0) return {}
  try {
    let identity: FleetIdentity | undefined
    const folder = privateFolder(settings.runtimeFolder, (parent) => {
      identity = fleetIdentity(input, (text) =>
        load<typeof import('./user-key.ts')>('fleet-key').keyedTag(parent, text),
      )
      return identity.folderName
    })
    return identity === undefined ? {} : { folder, identity }
  } catch (thrown) {
    const problem = diag.reasonOf(thrown)
    const say = thrown instanceof FolderError && thrown.isUnsafe ? diag.warn : diag.debug
    say(`this process does not share its side port: ${problem}`)
    return { problem }
  }
}
