import { readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Hand-written main scripts are smaller, and a framework alone is larger. */
export const SMALLEST_BUNDLE_BYTES: number = 48 * 1024

/** Output folders of builds, where a small main script may have its packages in other files. */
const OUTPUT_FOLDER = /[\\/](?:dist|build|out|output|bundle|\.output|\.next)[\\/]/

/**
 * Returns whether the main script may be a bundle, or one of the files of a bundle, so that it is worth searching for
 * packages inside. Never throws.
 */
export function mayBeABundle(mainScript: string | undefined): mainScript is string {
  if (mainScript === undefined) return false
  try {
    return isLarge(mainScript) || OUTPUT_FOLDER.test(mainScript) || hasLargeScripts(dirname(mainScript))
  } catch {
    return false
  }
}

function isLarge(path: string): boolean {
  return statSync(path).size >= SMALLEST_BUNDLE_BYTES
}

function hasLargeScripts(folder: string): boolean {
  return readdirSync(folder).some((name) => /\.[cm]?js$/.test(name) && isLarge(`${folder}/${name}`))
}
