import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/**
 * Matches what loads a file by a relative path: `from "./chunks/nitro.mjs"`, `import"./chunk.js"`, `require("./chunk.cjs")`,
 * `import("./page.mjs")`. The group is empty for the computed names of webpack's runtime, `require("./" + id + ".js")`.
 */
const RELATIVE_LOAD = /\b(?:from|import|require)\s*\(?\s*["'](?:(\.\.?\/[^"'\n]+)["']|\.\/["']\s*\+)/g

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
    for (const next of await loadsOf(path, text)) {
      if (paths.size === MOST_FILES) break
      paths.add(next)
    }
  }
}

async function loadsOf(script: string, text: string): Promise<readonly string[]> {
  const folder = dirname(script)
  const relative = Array.from(text.matchAll(RELATIVE_LOAD), ([, path]) => path)
  const computed = relative.includes(undefined) ? await scriptsBeside(script) : []
  return [...relative.filter((path) => path !== undefined).map((path) => resolve(folder, path)), ...computed]
}

async function scriptsBeside(path: string): Promise<readonly string[]> {
  try {
    const names = await readdir(dirname(path))
    return names.filter((name) => /\.[cm]?js$/.test(name)).map((name) => join(dirname(path), name))
  } catch {
    return []
  }
}
