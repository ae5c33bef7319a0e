import { statSync } from 'node:fs'

/** A main script that is written by hand is smaller, and a framework alone is bigger. */
const SMALLEST_BYTES = 48 * 1024

/** Whether it is worth the time to look into the main script for packages inside. */
export function isBigAsABundle(mainScript: string | undefined): mainScript is string {
  const size = mainScript === undefined ? undefined : statSync(mainScript, { throwIfNoEntry: false })?.size
  return size !== undefined && size >= SMALLEST_BYTES
}
