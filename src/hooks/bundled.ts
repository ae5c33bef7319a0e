import { sep } from 'node:path'
import type { Instrumentations } from './instrumentations.ts'
import type { PendingPackages } from './pending-packages.ts'
import { patchBundled } from './require-hook.ts'

/**
 * Takes the place of the folder that a package in a bundle lacks. It is followed by the version that would be read from
 * the folder.
 */
const FOLDER = '/bundled/'

export type Bundled = (exports: unknown, name: string, version: string, file?: string) => unknown

/**
 * Returns the function that instruments files in a bundle, which `@paxx/obs/bundler` has marked. It takes the exports
 * of a file and returns what the app should get. `file` is an inner file, `package/path/to/file.js`; undefined means
 * the package's main file.
 */
export function bundledBy(pending: PendingPackages, instrumentations: Instrumentations): Bundled {
  return (exports, name, version, file) => {
    if (pending.has(name)) for (const each of pending.take(name)) instrumentations.activate(each)
    if (exports === undefined) return exports
    return patchBundled(exports, file === undefined ? name : file.replaceAll('/', sep), `${FOLDER}${version}`)
  }
}

/** Returns the version in a folder made by `bundledBy`; undefined for a real folder. */
export function bundledVersion(folder: string): string | undefined {
  return folder.startsWith(FOLDER) ? folder.slice(FOLDER.length) : undefined
}
