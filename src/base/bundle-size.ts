import { statSync } from 'node:fs'

/** A main script that is written by hand is smaller, and a framework alone is bigger. */
export const SMALLEST_BUNDLE_BYTES: number = 48 * 1024

/** Folders that builds write to. What is in one may be a small main script with the packages in files beside it. */
const OUTPUT_FOLDER = /[\\/](?:dist|build|out|output|bundle|\.output|\.next)[\\/]/

/** Whether it is worth the time to look into the main script for packages inside. */
export function mayBeABundle(mainScript: string | undefined): mainScript is string {
  const size = mainScript === undefined ? undefined : statSync(mainScript, { throwIfNoEntry: false })?.size
  return size !== undefined && (size >= SMALLEST_BUNDLE_BYTES || OUTPUT_FOLDER.test(mainScript ?? ''))
}
