import { pathToFileURL } from 'node:url'
import { createHook } from 'import-in-the-middle/create-hook.mjs'
import type { LoadHookSync, ResolveHookSync } from 'node:module'
import { type EsmMatcherData, matcherOf } from './esm-matcher.ts'

/** The synchronous hooks that wrap the ES modules of catalogued packages, for `module.registerHooks()`. */
export interface EsmHooks {
  readonly resolve: ResolveHookSync
  readonly load: LoadHookSync
}

/**
 * import-in-the-middle with our own matcher: only the packages of the catalog are wrapped, since wrapping is slow and
 * breaks modules that export in unusual ways.
 */
export function createEsmHooks(data: EsmMatcherData): EsmHooks {
  const hook = createHook({ url: pathToFileURL(__filename).href })
  hook.applyOptions({ shouldInclude: matcherOf(data) })
  const wrappers = new Set<string>()
  return {
    resolve(specifier, context, nextResolve) {
      const resolved = hook.resolveSync(specifier, context, nextResolve)
      if (isWrapper(resolved.url)) wrappers.add(resolved.url)
      return resolved
    },
    load(url, context, nextLoad) {
      // Another hook made this URL of a wrapper's, as `mock.module()` of node:test does: what it loads there is its matter.
      if (isWrapper(url) && !wrappers.has(url)) return nextLoad(url, context)
      return hook.loadSync(url, context, nextLoad)
    },
  }
}

function isWrapper(url: string): boolean {
  return /[?&]iitm=/.test(url)
}
