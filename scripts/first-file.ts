import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OutputOptions, Plugin } from 'rolldown'

/**
 * Makes the chunk of what every process loads one file, `dist/start.cjs`, since finding and reading a file takes longer
 * than compiling it. The bundler would make three of it: the chunk, the entry with its exports, and its own run-time
 * functions, of which this chunk needs none.
 */
const CHUNK = 'base'
const ENTRY = 'start'
const ENTRY_FILE = 'start-entry.cjs'
const RUNTIME = /^(?:const require_rolldown_runtime = )?require\("\.\/shared-rolldown-runtime\.cjs"\);\n/gm

export const FILE_NAMES: Pick<OutputOptions, 'entryFileNames' | 'chunkFileNames'> = {
  entryFileNames: ({ name }) => (name === ENTRY ? ENTRY_FILE : '[name].cjs'),
  chunkFileNames: ({ name }) => (name === CHUNK ? `${ENTRY}.cjs` : 'shared-[name].cjs'),
}

/** Removes loads of the bundler's functions from chunks that use none. */
export const runtimeWhereUsed: Plugin = {
  name: 'load the run-time functions where they are used',
  renderChunk: (code) => (code.includes('require_rolldown_runtime.') ? undefined : code.replaceAll(RUNTIME, '')),
}

/** As the bundler writes them, for variables that change; this file exports none. */
const GETTERS =
  /Object\.defineProperty\(exports, "(\w+)", \{\s*enumerable: true,\s*get: function\(\) \{\s*return (\w+);\s*\}\s*\}\);/g

/** Removes the bundler's file for the entry. Throws when the chunk does not have its exports by their names. */
export function finishFirstFile(folder: string): void {
  const file = join(folder, ENTRY_FILE)
  for (const [, name, member] of readFileSync(file, 'utf8').matchAll(/^exports\.(\w+) = require_\w+\.(\w+);$/gm)) {
    if (name !== member) throw new Error(`${ENTRY}.cjs exports ${name} as ${member}`)
  }
  rmSync(file)
  const first = join(folder, `${ENTRY}.cjs`)
  writeFileSync(first, readFileSync(first, 'utf8').replaceAll(GETTERS, 'exports.$1 = $2;'))
}
