import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string
}

/** The text of `dist/THIRD_PARTY_LICENSES`: every package that has a module in the bundle, its licence and its notices. */
export function licenses(moduleIds: ReadonlySet<string>): string {
  const packages = new Map<string, string>()
  for (const id of moduleIds) {
    const directory = packageDirectory(id.replace(/^\0/, '').replace(/\?.*$/, ''))
    if (directory !== undefined) packages.set(directory, describe(directory))
  }
  return [...new Set(packages.values())].toSorted().join('\n\n' + '-'.repeat(100) + '\n\n') + '\n'
}

function packageDirectory(file: string): string | undefined {
  if (!file.includes('node_modules')) return undefined
  for (let directory = dirname(file); directory.includes('node_modules'); directory = dirname(directory)) {
    if (manifest(directory)?.version !== undefined) return directory
  }
  return undefined
}

function manifest(directory: string): Manifest | undefined {
  const file = join(directory, 'package.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : undefined
}

function describe(directory: string): string {
  const { name, version, license } = manifest(directory) ?? {}
  const texts = readdirSync(directory)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file) && !/\.(js|ts|csv)$/.test(file))
    .filter((file) => existsSync(join(directory, file)))
    .flatMap((file) => {
      try {
        return [readFileSync(join(directory, file), 'utf8').trim()]
      } catch {
        return [] // a directory of that name
      }
    })
  if (license === undefined && texts.length === 0) throw new Error(`${name} states no licence`)
  return [`${name}@${version} (${license})`, ...texts].join('\n\n')
}
