import type { Plugin } from 'rolldown'
import { PATCHES } from './patches/patches.ts'

/**
 * Returns a bundler plugin that applies `PATCHES`, except for the one named `without`, and the set of patched files that
 * have not been seen yet.
 */
export function patched(without?: string): { readonly plugin: Plugin; readonly notMet: ReadonlySet<string> } {
  const applied = PATCHES.filter(({ name }) => name !== without)
  if (without !== undefined && applied.length === PATCHES.length) throw new Error(`there is no patch "${without}"`)
  const changes = applied.flatMap((patch) => patch.changes)
  const files = [...new Set(changes.map(({ file }) => file))]
  const notMet = new Set(files)
  const plugin: Plugin = {
    name: 'patches',
    transform: {
      // Filtered by the bundler itself: calling JavaScript for each of its 2,000 modules takes longer than the build.
      filter: {
        id: new RegExp(`(?:${files.map((file) => file.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})$`),
      },
      handler(code, id) {
        const file = files.find((each) => id.endsWith(each))
        if (file === undefined) return undefined
        notMet.delete(file)
        return changes.filter((each) => each.file === file).reduce((text, { change }) => change(text), code)
      },
    },
  }
  return { plugin, notMet }
}
