import type { Plugin } from 'rolldown'
import { PATCHES } from './patches/patches.ts'

/** Returns a bundler plugin that applies `PATCHES`, and the set of patched files that have not been seen yet. */
export function patched(): { readonly plugin: Plugin; readonly notMet: ReadonlySet<string> } {
  const patches = PATCHES.flatMap((set) => set.patches)
  const files = [...new Set(patches.map(({ file }) => file))]
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
        return patches.filter((patch) => patch.file === file).reduce((text, { change }) => change(text), code)
      },
    },
  }
  return { plugin, notMet }
}
