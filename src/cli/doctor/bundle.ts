import { closeSync, openSync, readSync } from 'node:fs'
import { relative } from 'node:path'
import { reasonOf } from '../../base/diag.ts'
import { packagesInside } from '../../bundler/signs.ts'
import type { App } from './app.ts'
import { type Check, info, ok, warning } from './check.ts'

const ENOUGH_BYTES = 8 * 1024 * 1024

/** Packages inside of a bundle are never resolved, so nothing can patch them. */
export function bundleCheck({ mainFile, folder }: App, known: ReadonlySet<string>): Check {
  if (mainFile === undefined) {
    return info(
      'bundle',
      'which file is run cannot be told from here',
      'give the command: paxx-obs doctor -- node app.js',
    )
  }
  const name = relative(folder, mainFile)
  let text: string
  try {
    text = beginningOf(mainFile)
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === 'ENOENT'
    const text = missing ? `${name} is not there (yet)` : `${name} cannot be read (${reasonOf(thrown)})`
    return info('bundle', text, 'whether it is a bundle is not known')
  }
  const inside = packagesInside(text, known)
  if (inside === undefined) return ok('bundle', `${name} is no bundle with packages that can be instrumented`)
  const { bundler = 'a bundler', packages } = inside
  if (text.includes(MARK)) return ok('bundle', `${name} was bundled by ${bundler} with the plugin of @paxx/obs/bundler`)
  return warning(
    'bundle',
    `${name} was bundled by ${bundler}: ${packages.join(', ')} inside of it is not instrumented`,
    'build it with the plugin of @paxx/obs/bundler, or keep the packages to be traced outside of it ("external")',
  )
}

/** What the plugin adds; names of properties and texts survive a minifier. */
const MARK = '.bundled('

function beginningOf(path: string): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(ENOUGH_BYTES)
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, ENOUGH_BYTES, 0))
  } finally {
    closeSync(file)
  }
}
