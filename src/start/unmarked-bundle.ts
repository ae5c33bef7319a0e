import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { info } from '../base/diag.ts'
import { packagesInside } from '../bundler/signs.ts'

const ENOUGH_BYTES = 4 * 1024 * 1024

/** Says once that the main script is a bundle whose packages are not instrumented, and what to do. */
export function tellOfUnmarkedBundle(mainScript: string, names: readonly string[]): void {
  const inside = insideOf(mainScript, names)
  if (inside === undefined) return
  info(
    `${mainScript} is a bundle with ${inside.join(', ')} inside, not instrumented; build it with the plugin of @paxx/obs/bundler, or keep them external`,
  )
}

function insideOf(mainScript: string, names: readonly string[]): readonly string[] | undefined {
  try {
    const { size } = statSync(mainScript)
    const bytes = Math.min(size, ENOUGH_BYTES)
    // In a single executable application the app stands behind Node.
    const position = mainScript === process.execPath ? size - bytes : 0
    return packagesInside(partOf(mainScript, position, bytes), new Set(names))?.packages
  } catch {
    return undefined
  }
}

function partOf(path: string, position: number, bytes: number): string {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(bytes)
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, bytes, position))
  } finally {
    closeSync(file)
  }
}
