import { pathToFileURL } from 'node:url'
import { createHook } from 'import-in-the-middle/create-hook.mjs'
import type { LoadHook, LoadHookSync, ResolveHook, ResolveHookSync } from 'node:module'
import { type EsmMatcherData, matcherOf } from './esm-matcher.ts'
import { toCopy, toNode } from './wrapper-marks.ts'
import { loadContextOf, resolveContextToCopy, resolveContextToNode, Wrapping } from './wrapping.ts'

/** The synchronous hooks for `module.registerHooks()` that wrap the ES modules of catalogued packages. */
export interface EsmHooks {
  readonly resolve: ResolveHookSync
  readonly load: LoadHookSync
}

/**
 * Creates the hooks from import-in-the-middle with our own matcher, since wrapping every ES module is slow and breaks
 * those with unusual exports, and with our own mark on the URLs of wrappers (wrapper-marks.ts).
 */
export function createEsmHooks(data: EsmMatcherData): EsmHooks {
  const copy = createCopy(data)
  const wrapping = new Wrapping()
  return {
    resolve(specifier, context, nextResolve) {
      const parent = context.parentURL ?? ''
      const known = wrapping.resolvedAlready(specifier, parent)
      if (known !== undefined) return known
      if (wrapping.isInsideOthers(specifier, parent)) return nextResolve(specifier, context)
      const next: typeof nextResolve = (inner, innerContext) =>
        wrapping.resolvedByNext(nextResolve(toNode(inner), resolveContextToNode(innerContext)))
      return wrapping.resolved(copy.resolveSync(toCopy(specifier), resolveContextToCopy(context), next), parent)
    },
    load(url, givenContext, nextLoad) {
      const context = loadContextOf(givenContext)
      if (wrapping.isLeftAlone(url)) return nextLoad(url, context)
      const known = wrapping.loadedAlready(url)
      if (known !== undefined) return known
      const next: typeof nextLoad = (inner, innerContext) =>
        wrapping.loadedByNext(toNode(inner), nextLoad(toNode(inner), innerContext))
      return wrapping.loaded(url, copy.loadSync(toCopy(url), context, next))
    },
  }
}

/** Creates the hooks for `module.register()`, which run in a thread of Node.js. */
export function createEsmThreadHooks(data: EsmMatcherData): { readonly resolve: ResolveHook; readonly load: LoadHook } {
  const copy = createCopy(data)
  const wrapping = new Wrapping()
  return {
    async resolve(specifier, context, nextResolve) {
      const parent = context.parentURL ?? ''
      const known = wrapping.resolvedAlready(specifier, parent)
      if (known !== undefined) return known
      if (wrapping.isInsideOthers(specifier, parent)) return nextResolve(specifier, context)
      const next: typeof nextResolve = async (inner, innerContext) =>
        wrapping.resolvedByNext(await nextResolve(toNode(inner), resolveContextToNode(innerContext)))
      return wrapping.resolved(await copy.resolve(toCopy(specifier), resolveContextToCopy(context), next), parent)
    },
    async load(url, givenContext, nextLoad) {
      const context = loadContextOf(givenContext)
      if (wrapping.isLeftAlone(url)) return nextLoad(url, context)
      const known = wrapping.loadedAlready(url)
      if (known !== undefined) return known
      const next: typeof nextLoad = async (inner, innerContext) =>
        wrapping.loadedByNext(toNode(inner), await nextLoad(toNode(inner), innerContext))
      return wrapping.loaded(url, await copy.load(toCopy(url), context, next))
    },
  }
}

function createCopy(data: EsmMatcherData): ReturnType<typeof createHook> {
  const copy = createHook({ url: pathToFileURL(__filename).href })
  copy.applyOptions({ shouldInclude: matcherOf(data) })
  return copy
}
