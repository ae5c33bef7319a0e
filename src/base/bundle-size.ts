import { statSync } from 'node:fs'

/** Hand-written main scripts are smaller, and a framework alone is larger. */
export const SMALLEST_BUNDLE_BYTES: number = 48 * 1024

/** Output folders of builds, where a small main script may have its packages in other files. */
const OUTPUT_FOLDER = /[\\/](?:dist|build|out|output|bundle|\.output|\.next)[\\/]/

/** Returns whether the main script may be a bundle, so that it is worth searching for packages inside. */
export function mayBeABundle(mainScript: string | undefined): mainScript is string {
  const size = mainScript === undefined ? undefined : statSync(mainScript, { throwIfNoEntry: false })?.size
  return size !== undefined && (size >= SMALLEST_BUNDLE_BYTES || OUTPUT_FOLDER.test(mainScript ?? ''))
}
