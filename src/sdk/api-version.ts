import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readCallSites } from '../base/call-sites.ts'

/**
 * Returns the version of the copy of `@opentelemetry/api` that is reading the version of the registry
 * (`global-registry.ts`), since it accepts no version but its own. Returns undefined when it cannot be determined.
 */
export function versionOfCaller(asked: string): string | undefined {
  const file = callerOf(asked)
  if (file === undefined) return undefined
  try {
    return versionOfPackage(dirname(file)) ?? versionInBundle(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Returns the file of the first stack frame that is neither in `asked` nor in this file. */
function callerOf(asked: string): string | undefined {
  return readCallSites((frames) => {
    const files = frames.map((frame) => pathOf(frame.getFileName() ?? ''))
    return files.slice(files.lastIndexOf(asked) + 1).find((file) => file !== __filename && file !== '')
  })
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file
}

function versionOfPackage(folder: string): string | undefined {
  let manifest: { readonly name?: unknown; readonly version?: unknown } | undefined
  try {
    manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as typeof manifest
  } catch {
    // Most folders have no manifest.
  }
  if (manifest?.name === '@opentelemetry/api' && typeof manifest.version === 'string') return manifest.version
  const parent = dirname(folder)
  // Subfolders of the package may have a manifest without a name.
  return manifest?.name !== undefined || parent === folder ? undefined : versionOfPackage(parent)
}

const REGISTRATION = 'Attempted duplicate registration of API'

/** Finds the API's version in a bundled app: it stands near a text that only the API's registry contains. */
export function versionInBundle(text: string): string | undefined {
  const at = text.indexOf(REGISTRATION)
  if (at === -1) return undefined
  const versions = [...text.matchAll(/["'`](1\.\d{1,2}\.\d{1,2})["'`]/g)]
  const distance = (found: RegExpMatchArray): number => Math.abs((found.index ?? 0) - at)
  return versions.toSorted((a, b) => distance(a) - distance(b))[0]?.[1]
}
