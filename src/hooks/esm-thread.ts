import type { LoadHook, ResolveHook } from 'node:module'
import { createEsmThreadHooks } from './esm.ts'
import type { EsmMatcherData } from './esm-matcher.ts'

/**
 * Loaded by `module.register()` into Node's hooks thread, on versions whose synchronous load hooks cannot be used
 * (facts.ts, supportsSyncLoadHooks).
 */
let hooks: ReturnType<typeof createEsmThreadHooks> | undefined

export function initialize(data: EsmMatcherData): void {
  hooks = createEsmThreadHooks(data)
}

export const resolve: ResolveHook = (specifier, context, nextResolve) =>
  hooks === undefined ? nextResolve(specifier, context) : hooks.resolve(specifier, context, nextResolve)

export const load: LoadHook = (url, context, nextLoad) =>
  hooks === undefined ? nextLoad(url, context) : hooks.load(url, context, nextLoad)
