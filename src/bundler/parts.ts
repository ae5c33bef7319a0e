import { dirname, resolve } from 'node:path'

/** `from "./chunks/nitro.mjs"`, `import"./chunk.js"`, `require("./chunk.cjs")`, and the same that is loaded later. */
const RELATIVE = /\b(?:from|import|require)\s*\(?\s*["'](\.\.?\/[^"'\n]+)["']/g

/** A bundle in several files has no more than a few at its beginning. */
const MOST_PARTS = 32

/** The files that a script loads by relative paths, absolute: bundlers that split their output leave little in the main script. */
export function partsOf(script: string, text: string): readonly string[] {
  const found = new Set<string>()
  for (const [, path = ''] of text.matchAll(RELATIVE)) {
    if (found.size === MOST_PARTS) break
    found.add(resolve(dirname(script), path))
  }
  return [...found]
}
