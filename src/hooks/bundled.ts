import { sep } from 'node:path'
import type { Instrumentations } from './instrumentations.ts'
import type { PendingPackages } from './packages.ts'
import { patchBundled } from './require-hook.ts'

/** A package in a bundle has no folder; what stands in its place has the version, which is read of the folder else. */
const FOLDER = '/bundled/'

export type Bundled = (exports: unknown, name: string, version: string, file?: string) => unknown

/**
 * Takes the exports of a file in a bundle, as it was marked by `@paxx/obs/bundler`, and returns what the app is to get of it.
 * `file` is an inner one, `package/path/to/file.js`; undefined: the package's main file.
 */
export function bundledBy(pending: PendingPackages, instrumentations: Instrumentations): Bundled {
  return (exports, name, version, file) => {
    if (pending.has(name)) for (const each of pending.take(name)) instrumentations.activate(each)
    if (exports === undefined) return exports
    return patchBundled(exports, file === undefined ? name : file.replaceAll('/', sep), `${FOLDER}${version}`)
  }
}

/** The version in a folder of `bundledBy`; undefined: it is a real one. */
export function bundledVersion(folder: string): string | undefined {
  return folder.startsWith(FOLDER) ? folder.slice(FOLDER.length) : undefined
}
