import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { info } from '../base/diag.ts'
import { partsOf } from '../bundler/parts.ts'
import { packagesInside } from '../bundler/signs.ts'
import { SMALLEST_BUNDLE_BYTES } from '../base/bundle-size.ts'

const ENOUGH_BYTES = 4 * 1024 * 1024

/** Says once that the main script is a bundle whose packages are not instrumented, and what to do. */
export function tellOfUnmarkedBundle(mainScript: string, names: readonly string[]): void {
  const known = new Set(names)
  const inside = new Set(bigFilesOf(mainScript).flatMap((file) => insideOf(file, known)))
  if (inside.size === 0) return
  info(
    `${mainScript} is a bundle with ${[...inside].toSorted().join(', ')} inside, not instrumented; build it with the plugin of @paxx/obs/bundler, or keep them external`,
  )
}

/** The main script itself, or where it is small the files that it loads by relative paths. */
function bigFilesOf(mainScript: string): readonly string[] {
  try {
    if (isBig(mainScript)) return [mainScript]
    return partsOf(mainScript, readFileSync(mainScript, 'latin1')).filter(isBig)
  } catch {
    return []
  }
}

function isBig(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats?.isFile() === true && stats.size >= SMALLEST_BUNDLE_BYTES
}

function insideOf(file: string, known: ReadonlySet<string>): readonly string[] {
  try {
    const { size } = statSync(file)
    const bytes = Math.min(size, ENOUGH_BYTES)
    // In a single executable application the app stands behind Node.
    const position = file === process.execPath ? size - bytes : 0
    return packagesInside(partOf(file, position, bytes), known)?.packages ?? []
  } catch {
    return []
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
