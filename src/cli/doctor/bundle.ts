import { open } from 'node:fs/promises'
import { relative } from 'node:path'
import { reasonOf } from '../../base/diag.ts'
import { partsOf } from '../../bundler/parts.ts'
import { type BundledPackages, packagesInside } from '../../bundler/signs.ts'
import type { AppFacts } from './app.ts'
import { type Check, fact, ok, warning } from './check.ts'
import { withDependencies } from './installed.ts'

type BundledApp = Pick<AppFacts, 'folder' | 'mainFile'>

const ENOUGH_BYTES = 8 * 1024 * 1024

/** A file that looks like a bundle. */
interface Bundle extends BundledPackages {
  /** Relative to the app's folder. */
  readonly name: string
  readonly hasPlugin: boolean
}

/**
 * Checks the file that would be run, by its text only: packages inside a bundle are never resolved, so nothing can
 * patch them.
 */
export async function bundleCheck({ mainFile, folder }: BundledApp, known: ReadonlySet<string>): Promise<Check> {
  if (mainFile === undefined) {
    return fact('bundle', 'the file that is run is unknown', 'pass the command: paxx-obs doctor -- node app.js')
  }
  const name = relative(folder, mainFile)
  let bundle: Bundle | undefined
  try {
    bundle = await bundleIn(mainFile, folder, known)
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === 'ENOENT'
    const text = missing ? `${name} does not exist (yet)` : `${name} cannot be read (${reasonOf(thrown)})`
    return fact('bundle', text, 'whether it is a bundle is unknown')
  }
  if (bundle === undefined) return ok('bundle', `${name} is not a bundle that contains packages to instrument`)
  if (bundle.hasPlugin) return ok('bundle', `${bundled(bundle)} with the plugin of @paxx/obs/bundler`)
  return notInstrumented(bundle, bundle.packages)
}

/** Checks a script that a trial ran, by what was patched in it. Its text only says which packages are inside. */
export async function bundleTrialCheck(
  { mainFile, folder }: BundledApp & { readonly mainFile: string },
  known: ReadonlySet<string>,
  patched: ReadonlySet<string>,
): Promise<Check> {
  let bundle: Bundle | undefined
  try {
    bundle = await bundleIn(mainFile, folder, known)
  } catch {
    // The file existed when it was run; another check reports the problem.
  }
  if (bundle === undefined) return bundleCheck({ mainFile, folder }, known)
  const left = bundle.packages.filter((name) => !patched.has(name) && !patched.has(COVERED_BY[name] ?? name))
  if (left.length === 0) return ok('bundle', `${bundled(bundle)}: ${bundle.packages.join(', ')} inside it was patched`)
  if (bundle.hasPlugin) {
    return fact(
      'bundle',
      `${bundled(bundle)} with the plugin: ${left.join(', ')} inside it was not loaded during the run`,
    )
  }
  return notInstrumented(bundle, left)
}

/** Packages that are part of another package, which is patched instead. */
const COVERED_BY: Readonly<Record<string, string>> = { router: 'express', redis: '@redis/client', 'pg-pool': 'pg' }

function bundled({ name, bundler = 'a bundler' }: Bundle): string {
  return `${name} was bundled by ${bundler}`
}

function notInstrumented(bundle: Bundle, packages: readonly string[]): Check {
  return warning(
    'bundle',
    `${bundled(bundle)}: ${packages.join(', ')} inside it is not instrumented`,
    'build it with the plugin of @paxx/obs/bundler, or keep these packages external',
  )
}

/**
 * Returns the packages that are inside the app's bundle and were not passed to the preload by the plugin. A minifier
 * leaves no sign of some of them, but the packages that depend on them are known.
 */
export async function packagesInBundle(
  { mainFile, folder }: BundledApp,
  known: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  try {
    const bundle = mainFile === undefined ? undefined : await bundleIn(mainFile, folder, known)
    return withDependencies(folder, bundle === undefined || bundle.hasPlugin ? [] : bundle.packages)
  } catch {
    // Another check reports a file that cannot be read.
    return new Set()
  }
}

/** The call that the plugin adds. Minifiers keep names of properties and texts. */
const MARK = '.bundled('

/** Includes the files that it loads by relative paths. Rejects if the file itself cannot be read. */
async function bundleIn(file: string, folder: string, known: ReadonlySet<string>): Promise<Bundle | undefined> {
  const texts: string[] = []
  for await (const text of partsOf(file, (path) => beginningOf(path, path === file))) texts.push(text)
  const found = texts.map((each) => packagesInside(each, known)).filter((inside) => inside !== undefined)
  if (found.length === 0) return undefined
  return {
    name: relative(folder, file),
    bundler: found.find(({ bundler }) => bundler !== undefined)?.bundler,
    packages: [...new Set(found.flatMap(({ packages }) => packages))].toSorted(),
    hasPlugin: texts.some((each) => each.includes(MARK)),
  }
}

async function beginningOf(path: string, isMain: boolean): Promise<string | undefined> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(ENOUGH_BYTES), 0, ENOUGH_BYTES, 0)
      return buffer.toString('latin1', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (thrown) {
    // Other files may be named without their extension, or be folders.
    if (isMain) throw thrown
    return undefined
  }
}
