import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { CATALOG } from '../hooks/catalog.generated.ts'

/**
 * What the plugin does to a file of a package that can be instrumented: nothing of it is changed, and a statement is added at
 * its end which hands its exports to the preload. Without the preload the statement does nothing.
 */
interface Instrumentable {
  /** Inner files that are patched, as `package/path/to/file.js`. */
  readonly files: ReadonlySet<string>
}

const PACKAGES = new Map<string, Instrumentable>()
for (const { packages } of Object.values(CATALOG)) {
  for (const [name, { files }] of Object.entries(packages)) {
    PACKAGES.set(name, { files: new Set([...(PACKAGES.get(name)?.files ?? []), ...files]) })
  }
}

/** Paths that may be marked: for bundlers that filter before they call. */
export const CANDIDATE: RegExp = /[\\/]node_modules[\\/].*\.[cm]?js$/

const IN_PACKAGE = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\/(.+)$/

/** The text to add at the end of this file; undefined: it is left as it is. `code` is its text. */
export function markOf(path: string, code: () => string): string | undefined {
  const slashed = path
    .split(sep)
    .join('/')
    .replace(/[?#].*$/, '')
  const [, folder = '', name = '', inner = ''] = IN_PACKAGE.exec(slashed) ?? []
  const known = PACKAGES.get(name)
  if (known === undefined || isPartOfExpress(name, folder)) return undefined
  const manifest = manifestOf(folder)
  const file = known.files.has(`${name}/${inner}`) ? `${name}/${inner}` : undefined
  const isMain = mainOf(name, folder) === slashed
  if (manifest === undefined || (file === undefined && !isMain)) return undefined
  const about = [name, manifest.version ?? '', ...(isMain ? [] : [file])].map((each) => JSON.stringify(each)).join(', ')
  // Of an ES module the exports cannot be replaced; what the package publishes by itself is heard.
  if (isEsModule(slashed, manifest.type, code)) return `\n;${HANDLE}?.bundled?.(undefined, ${about});\n`
  return `\n;if (${HANDLE}?.bundled) module.exports = ${HANDLE}.bundled(module.exports, ${about});\n`
}

const HANDLE = `globalThis[Symbol.for("@paxx/obs")]`

interface Manifest {
  readonly version?: string
  readonly type?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

function manifestOf(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  } catch {
    return undefined
  }
}

/** What `require` of the package gives, with slashes. */
function mainOf(name: string, folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json'))
      .resolve(name, { paths: [folder] })
      .split(sep)
      .join('/')
  } catch {
    return mainByPath(folder)
  }
}

/** A package that cannot be found by its own name from inside of it: one that names no main file, or hides it. */
function mainByPath(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(folder).split(sep).join('/')
  } catch {
    return undefined
  }
}

/** Express 5 is built on `router`: its own instrumentation covers it. */
function isPartOfExpress(name: string, folder: string): boolean {
  if (name !== 'router') return false
  const express = join(dirname(folder), 'express')
  return existsSync(express) && manifestOf(express)?.dependencies?.['router'] !== undefined
}

function isEsModule(path: string, type: string | undefined, code: () => string): boolean {
  if (path.endsWith('.cjs')) return false
  if (path.endsWith('.mjs') || type === 'module') return true
  const text = code()
  return (
    /^\s*(?:import\s*[\w{*"']|export\s*[\w{*])/m.test(text) && !/\bmodule\.exports\b|^\s*exports\.\w+ =/m.test(text)
  )
}
