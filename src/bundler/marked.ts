import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { CATALOG } from '../hooks/catalog.generated.ts'

/**
 * The plugin's change to a file of a package that can be instrumented: a statement at the end that passes the exports
 * to the preload. Without the preload, the statement does nothing.
 */
interface Instrumentable {
  /** The inner files that are patched, by their paths within the package. */
  readonly files: ReadonlySet<string>
}

const PACKAGES = new Map<string, Instrumentable>()
for (const { packages } of Object.values(CATALOG)) {
  for (const [name, { files }] of Object.entries(packages)) {
    PACKAGES.set(name, { files: new Set([...(PACKAGES.get(name)?.files ?? []), ...files]) })
  }
}

/** Matches paths that may be marked, for bundlers that filter before they call the plugin. */
export const CANDIDATE: RegExp = /[\\/]node_modules[\\/].*\.[cm]?js$/

const IN_PACKAGE = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\/(.+)$/

/** Returns the text to append to a file; undefined if the file is not marked. `code` returns the file's text. */
export function markOf(path: string, code: () => string): string | undefined {
  const slashed = path
    .split(sep)
    .join('/')
    .replace(/[?#].*$/, '')
  const [, folder = '', name = '', inner = ''] = IN_PACKAGE.exec(slashed) ?? []
  const known = PACKAGES.get(name)
  if (known === undefined || isPartOfExpress(name, folder)) return undefined
  const manifest = manifestOf(folder)
  const file = known.files.has(inner) ? `${name}/${inner}` : undefined
  const isMain = mainOf(name, folder) === slashed
  if (manifest === undefined || (file === undefined && !isMain)) return undefined
  const about = [name, manifest.version ?? '', ...(isMain ? [] : [file])].map((each) => JSON.stringify(each)).join(', ')
  // The exports of an ES module cannot be replaced. Diagnostics channels that the package publishes still work.
  if (isEsModule(slashed, manifest.type, code)) return `\n;${HANDLE}?.bundled?.(undefined, ${about});\n`
  return `\n;if (${HANDLE}?.bundled) module.exports = ${HANDLE}.bundled(module.exports, ${about});\n`
}

const HANDLE = `globalThis[Symbol.for("@paxx/obs")]`

interface PackageManifest {
  readonly version?: string
  readonly type?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

function manifestOf(folder: string): PackageManifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageManifest
  } catch {
    return undefined
  }
}

/** Returns the path that `require` of the package resolves to, with slashes. */
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

/**
 * Returns the main file of a package that cannot be resolved by its name from inside itself, because it names no main
 * file or hides it.
 */
function mainByPath(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(folder).split(sep).join('/')
  } catch {
    return undefined
  }
}

/** Express 5 is built on `router`, which its own instrumentation covers. */
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
