import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly license?: string
}

/**
 * Returns the text of `dist/THIRD_PARTY_LICENSES`: every package that has a module in the bundle, with its licence and
 * notices. Packages whose texts differ only in white space share one copy; half of them have Apache's.
 */
export function licenses(moduleIds: ReadonlySet<string>): string {
  const directories = new Set([...moduleIds].flatMap((id) => packageDirectory(pathOf(id)) ?? []))
  const byText = new Map<string, { readonly text: string; readonly packages: Set<string> }>()
  for (const directory of directories) {
    const { title, text } = describe(directory)
    const key = text.replaceAll(/\s+/g, ' ')
    const known = byText.get(key) ?? { text, packages: new Set() }
    byText.set(key, known)
    known.packages.add(title)
  }
  const sections = Array.from(
    byText.values(),
    ({ text, packages }) => `${[...packages].toSorted().join('\n')}\n\n${text}`,
  )
  return `${sections.toSorted().join(`\n\n${'-'.repeat(100)}\n\n`)}\n`
}

/** The bundle also contains helpers of the bundler. */
function pathOf(id: string): string {
  const path = id.replace(/^\0/, '').replace(/\?.*$/, '')
  return path.startsWith('rolldown/') ? join(import.meta.dirname, '../node_modules', path) : path
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

/** The shortest common licence, ISC, has 700 characters. */
const MIN_LICENSE_CHARS = 300

/** Throws if a package has no licence text, because all licences require it to be included with copies. */
function describe(directory: string): { readonly title: string; readonly text: string } {
  const { name, version, license } = manifest(directory) ?? {}
  const files = textsIn(directory)
  const inReadme = files.some(isLicense) ? [] : licenseOfReadme(directory)
  const texts = [...files, ...inReadme]
  if (!texts.some(isLicense)) throw new Error(`${name}@${version} in ${directory} has no text of its licence`)
  return { title: `${name}@${version} (${license})`, text: texts.join('\n\n') }
}

function isLicense(text: string): boolean {
  return text.length >= MIN_LICENSE_CHARS
}

function textsIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|notice|copying)/i.test(entry.name))
    .filter(({ name }) => !/\.(js|ts|csv)$/.test(name))
    .map(({ name }) => readFileSync(join(directory, name), 'utf8').trim())
}

/**
 * Some packages have their licence only in the README: returns the section of that name, up to the next heading or
 * reference.
 */
function licenseOfReadme(directory: string): string[] {
  const readme = readdirSync(directory).find((file) => /^readme/i.test(file))
  if (readme === undefined) return []
  const text = readFileSync(join(directory, readme), 'utf8')
  const section = /^(?:#+ *licen[cs]e.*|licen[cs]e\n-+)\n([^]*?)(?=^#|^\[.*\]:|(?![^]))/im.exec(text)?.[1]
  return section === undefined ? [] : [section.trim().replaceAll('&lt;', '<').replaceAll('&gt;', '>')]
}
