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
    const bytes = Math.min(statSync(mainScript).size, ENOUGH_BYTES)
    return packagesInside(beginningOf(mainScript, bytes), new Set(names))?.packages
  } catch {
    return undefined
  }
}

function beginningOf(path: string, bytes: number): string {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(bytes)
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, bytes, 0))
  } finally {
    closeSync(file)
  }
}
