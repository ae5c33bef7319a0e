import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../support/paths.ts'

/** Where the packages are that apps are built and started with: those of CI, those of the whole table, package managers, our own. */
const FOLDERS: readonly string[] = ['test/shipping', 'test/shipping/every', 'test/tools', '.'].map((folder) =>
  join(ROOT, folder, 'node_modules'),
)

/** A file of them, absolute; undefined: they are not installed. */
export function installed(file: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, file)).find((path) => existsSync(path))
}
