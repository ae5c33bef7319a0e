import { existsSync } from 'node:fs'
import nodeModule from 'node:module'
import { join } from 'node:path'
import { readTextFile } from '../../base/environment.ts'
import { foldersUp } from './app.ts'

/** The part of Yarn's `pnpapi` that is used (https://yarnpkg.com/advanced/pnpapi). */
interface PnpApi {
  resolveToUnqualified(request: string, issuer: string): string | null
  getAllLocators(): readonly Locator[]
  getPackageInformation(locator: Locator): { readonly packageLocation: string }
}

interface Locator {
  readonly name: string | null
  readonly reference: string | null
}

/** What Yarn's Plug'n'Play adds to `node:module` in the processes that it starts; elsewhere undefined. */
function pnpApi(folder: string): PnpApi | undefined {
  const { findPnpApi } = nodeModule as { findPnpApi?: (path: string) => PnpApi | null }
  return findPnpApi?.(`${folder}/`) ?? undefined
}

/** Whether Plug'n'Play keeps the packages of this folder, and this process cannot see them, since Yarn did not start it. */
export function isHiddenByPlugnplay(folder: string): boolean {
  return pnpApi(folder) === undefined && foldersUp(folder).some((at) => existsSync(join(at, '.pnp.cjs')))
}

/** The version of a package as Node finds it from this folder; undefined: it does not. */
export function versionOf(folder: string, name: string): string | undefined {
  for (const place of placesOf(folder, name)) {
    try {
      const text = readTextFile(join(place, 'package.json'))
      if (text !== undefined) return (JSON.parse(text) as { version?: string }).version
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
    // It is no dependency.
    return []
  }
}

/** Where Plug'n'Play keeps the copies of a package; undefined: packages are in folders here. */
export function copiesInPlugnplay(folder: string, name: string): readonly string[] | undefined {
  const api = pnpApi(folder)
  return api
    ?.getAllLocators()
    .filter((locator) => locator.name === name)
    .map((locator) => api.getPackageInformation(locator).packageLocation)
}
