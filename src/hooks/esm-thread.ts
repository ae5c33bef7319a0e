import { pathToFileURL } from 'node:url'
import { createHook } from 'import-in-the-middle/create-hook.mjs'
import { type EsmMatcherData, matcherOf } from './esm-matcher.ts'

/**
 * What `module.register()` loads into Node's hooks thread, on versions whose synchronous load hooks cannot be used
 * (facts.ts, supportsSyncLoadHooks).
 */
const hook = createHook({ url: pathToFileURL(__filename).href })

export function initialize(data: EsmMatcherData): void {
  hook.applyOptions({ shouldInclude: matcherOf(data) })
}

export const resolve: unknown = hook.resolve
export const load: unknown = hook.load
