import { dirname, join, sep } from 'node:path'
import { followLinks } from '../base/follow-links.ts'

export interface PackageIdentity {
  readonly name: string
  readonly version: string | undefined
}

export interface PackageSearch {
  readonly mainScript: string | undefined
  readonly cwd: string
  /** Text of a file; undefined when there is none, throws when it cannot be read. */
  readonly readFile: (path: string) => string | undefined
  /** The path with symbolic links followed; throws when there is none. */
  readonly realPath: (path: string) => string
}

/**
 * Name and version in the package.json nearest to the main script. A package.json without a name (`{"type":"module"}`
 * in a dist folder) is passed by. A script inside node_modules is a tool that runs the app (a framework's start
 * command, a process manager), so there the working directory's package is the app's.
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

/** Above what npm takes; a longer text is no name, and would be in every export. */
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
