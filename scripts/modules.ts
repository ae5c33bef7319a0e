import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { OutputChunk } from 'rolldown'

const ROOT = join(import.meta.dirname, '..')

/** Where the build writes which modules are in which file, for `test/package/chunk-modules.test.ts`. Not shipped. */
export const MODULES_FILE: string = join(ROOT, '.build/modules.json')

/** The bytes of each module in a file of `dist/`, before the file is minified; the largest first. */
export type ModulesByFile = Record<string, Record<string, number>>

const modulesByFile: ModulesByFile = {}

export function recordModules(chunks: readonly OutputChunk[]): void {
  for (const { fileName, modules } of chunks) {
    const sizes = Object.entries(modules).map(([id, { renderedLength }]) => [nameOf(id), renderedLength] as const)
    modulesByFile[fileName] = Object.fromEntries(sizes.toSorted(([, a], [, b]) => b - a))
  }
}

export function writeModules(): void {
  mkdirSync(dirname(MODULES_FILE), { recursive: true })
  writeFileSync(MODULES_FILE, JSON.stringify(modulesByFile, undefined, 1))
}

/** Generated modules have no path. */
function nameOf(id: string): string {
  return id.startsWith(ROOT) ? relative(ROOT, id).replaceAll('\\', '/') : id.replaceAll('\0', '')
}
