import { packageOfSpecifier, pathInNodeModules } from '../base/package-names.ts'

/** Cloneable, since the hooks thread of older Node.js versions receives it as `data`. */
export interface EsmMatcherData {
  readonly packages: readonly string[]
  /** Inner files that an instrumentation patches, as `package/path/to/file.js`. */
  readonly files: readonly string[]
  /** A file outside of packages: the handler of a Lambda function. */
  readonly url?: string
}

/**
 * Returns whether an import is wrapped: a catalogued package by its name, or an inner file that an instrumentation
 * patches.
 */
export function matcherOf(data: EsmMatcherData): (url: string, specifier: string) => boolean {
  const packages = new Set(data.packages)
  const files = new Set(data.files)
  return (url, specifier) => {
    if (packages.has(specifier) || url === data.url) return true
    const file = pathInNodeModules(url.replace(/\?.*$/, ''))
    return file !== undefined && files.has(file) && packages.has(packageOfSpecifier(file) ?? '')
  }
}
