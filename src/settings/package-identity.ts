import { dirname, join, sep } from 'node:path'
import { followLinks } from '../base/follow-links.ts'

export interface PackageIdentity {
  readonly name: string
  readonly version: string | undefined
}

export interface PackageSearch {
  readonly mainScript: string | undefined
  readonly cwd: string
  /** Reads a text file. Returns undefined when there is none; throws when it cannot be read. */
  readonly readFile: (path: string) => string | undefined
  /** Resolves symbolic links; throws when there is no such file. */
  readonly realPath: (path: string) => string
}

/**
 * Returns name and version from the package.json nearest to the main script. One without a name (`{"type":"module"}` in
 * a dist folder) is skipped. A script inside node_modules is a tool that runs the app (a framework's start command, a
 * process manager), so the package of the working directory is used instead.
 */
export function findPackage(search: PackageSearch): PackageIdentity | undefined {
  const script = search.mainScript === undefined ? undefined : followLinks(search.mainScript, search.realPath)
  const start = script === undefined || script.includes(`${sep}node_modules${sep}`) ? search.cwd : script
  return walkUp(start, search) ?? (start === search.cwd ? undefined : walkUp(search.cwd, search))
}

function walkUp(start: string, search: PackageSearch): PackageIdentity | undefined {
  let directory = start
  for (;;) {
    const identity = readIdentity(join(directory, 'package.json'), search)
    if (identity !== undefined) return identity
    const parent = dirname(directory)
    if (parent === directory) return undefined
    directory = parent
  }
}

/** Longer than npm allows; a longer text is not a name, and would be in every export. */
const MAX_CHARS = 256

function readIdentity(path: string, { readFile }: PackageSearch): PackageIdentity | undefined {
  try {
    const text = readFile(path)
    if (text === undefined) return undefined
    const { name, version } = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as Record<string, unknown>
    if (typeof name !== 'string' || name.trim() === '' || name.length > MAX_CHARS) return undefined
    return {
      name: name.trim(),
      version: typeof version === 'string' && version !== '' && version.length <= MAX_CHARS ? version : undefined,
    }
  } catch {
    return undefined
  }
}
