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

/**
 * Opens the folder of the fleet. Returns neither folder nor identity when the side port is not shared. An unsafe folder
 * is logged as a warning.
 */
export function openFolder(input: FolderInput): Partial<OpenedFolder> & { readonly problem?: string } {
  const { settings, port } = input
  // Port 0 asks for a port of one's own.
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
    const log = thrown instanceof FolderError && thrown.isUnsafe ? diag.warn : diag.debug
    log(`could not share the side port with other processes: ${problem}`)
    return { problem }
  }
}
