import { closeSync, openSync, readSync } from 'node:fs'
import { relative } from 'node:path'
import { reasonOf } from '../../base/diag.ts'
import type { App } from './app.ts'
import { type Check, info, ok, warning } from './check.ts'

/** What bundlers leave in their output. */
const SIGNS: readonly (readonly [bundler: string, sign: RegExp])[] = [
  ['ncc', /__nccwpck_require__/],
  ['webpack', /__webpack_(?:require|modules|exports)__/],
  ['esbuild', /^var __(?:commonJS|toESM|esm|toCommonJS) = /m],
  ['rolldown', /^\/\/#region .*node_modules|__commonJSMin/m],
  ['Bun', /^\/\/ @bun/m],
  ['Rollup', /^function getDefaultExportFromCjs ?\(/m],
  ['Parcel', /parcelRequire[0-9a-f]*/],
]

const ENOUGH_BYTES = 512 * 1024

/** Packages inside of a bundle are never resolved, so nothing can patch them. */
export function bundleCheck({ mainFile, folder }: App): Check {
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
  const bundler = bundlerOf(text)
  if (bundler === undefined) return ok('bundle', `${name} is no bundle`)
  return warning(
    'bundle',
    `${name} was bundled by ${bundler}: packages inside of it are not instrumented`,
    'keep the packages to be traced outside of it ("external")',
  )
}

/** Only packages of node_modules inside of it count: a bundle of the app's own files alone does no harm. */
export function bundlerOf(text: string): string | undefined {
  const hasPackages =
    text.includes('node_modules/') || /__webpack_modules__|__nccwpck_require__|parcelRequire/.test(text)
  return hasPackages ? SIGNS.find(([, sign]) => sign.test(text))?.[0] : undefined
}

function beginningOf(path: string): string {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(ENOUGH_BYTES)
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, ENOUGH_BYTES, 0))
  } finally {
    closeSync(file)
  }
}
