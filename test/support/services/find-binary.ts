import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Returns the first executable of this name in PATH or in the given folders. */
export function findBinary(name: string, folders: readonly string[] = []): string | undefined {
  const all = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', ...folders]
  return all.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
