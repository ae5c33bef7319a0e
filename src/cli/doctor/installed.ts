import { existsSync } from 'node:fs'
import nodeModule from 'node:module'
import { join } from 'node:path'
import { readTextFile } from '../../base/environment.ts'
import { foldersUp } from './app.ts'

/** The part of Yarn's `pnpapi` that is used here (https://yarnpkg.com/advanced/pnpapi). */
interface PnpApi {
  resolveToUnqualified(request: string, issuer: string): string | null
  getAllLocators(): readonly Locator[]
  getPackageInformation(locator: Locator): { readonly packageLocation: string }
}

interface Locator {
  readonly name: string | null
  readonly reference: string | null
}

/** Returns what Yarn Plug'n'Play adds to `node:module` in the processes that it starts; undefined in others. */
function pnpApi(folder: string): PnpApi | undefined {
  const { findPnpApi } = nodeModule as { findPnpApi?: (path: string) => PnpApi | null }
  return findPnpApi?.(`${folder}/`) ?? undefined
}

/**
 * Returns whether this folder's packages are managed by Plug'n'Play and this process cannot see them, because Yarn did
 * not start it.
 */
export function isHiddenByPlugnplay(folder: string): boolean {
  return pnpApi(folder) === undefined && foldersUp(folder).some((at) => existsSync(join(at, '.pnp.cjs')))
}

/** Returns the version of a package that Node.js resolves from this folder; undefined if there is none. */
export function versionOf(folder: string, name: string): string | undefined {
  return manifestOf(folder, name)?.version
}

/** Adds the packages that these depend on, at any depth, as a bundler does. */
export function withDependencies(folder: string, names: readonly string[]): ReadonlySet<string> {
  const all = new Set(names)
  // A set is iterated with what is added meanwhile.
  for (const name of all) for (const inner of Object.keys(manifestOf(folder, name)?.dependencies ?? {})) all.add(inner)
  return all
}

interface InstalledManifest {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

function manifestOf(folder: string, name: string): InstalledManifest | undefined {
  for (const place of placesOf(folder, name)) {
    try {
      const text = readTextFile(join(place, 'package.json'))
      if (text !== undefined) return JSON.parse(text) as InstalledManifest
    } catch {
      return undefined
    }
  }
  return undefined
}

function placesOf(folder: string, name: string): readonly string[] {
  const api = pnpApi(folder)
  if (api === undefined) return foldersUp(folder).map((at) => join(at, 'node_modules', name))
  try {
    return [api.resolveToUnqualified(name, `${folder}/`) ?? []].flat()
  } catch {
    // The package is not a dependency.
    return []
  }
}

/** Returns the locations of a package's copies in Plug'n'Play; undefined if packages are in folders. */
export function copiesInPlugnplay(folder: string, name: string): readonly string[] | undefined {
  const api = pnpApi(folder)
  return api
    ?.getAllLocators()
    .filter((locator) => locator.name === name)
    .map((locator) => api.getPackageInformation(locator).packageLocation)
}
