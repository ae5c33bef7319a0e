import { dirname, resolve } from 'node:path'

/** Matches `from "./chunks/nitro.mjs"`, `import"./chunk.js"`, `require("./chunk.cjs")`, and dynamic imports. */
const RELATIVE = /\b(?:from|import|require)\s*\(?\s*["'](\.\.?\/[^"'\n]+)["']/g

/** Limits how many files are read of an app that is not bundled. */
const MOST_FILES = 64
const MOST_BYTES = 32 * 1024 * 1024

/**
 * Yields the texts of a script and of the files that it loads by relative paths, breadth first. Bundlers that split
 * their output leave little in the main script. `read` returns undefined for a file that cannot be read.
 */
export async function* partsOf(
  script: string,
  read: (path: string) => Promise<string | undefined>,
): AsyncGenerator<string> {
  const paths = new Set([script])
  let bytes = 0
  for (const path of paths) {
    const text = await read(path)
    if (text === undefined) continue
    yield text
    bytes += text.length
    if (bytes >= MOST_BYTES) return
    for (const [, relative = ''] of text.matchAll(RELATIVE)) {
      if (paths.size === MOST_FILES) break
      paths.add(resolve(dirname(path), relative))
    }
  }
}
