declare module 'import-in-the-middle/create-hook.mjs' {
  import type { LoadHook, LoadHookSync, ResolveHook, ResolveHookSync } from 'node:module'

  export interface Hook {
    applyOptions(options: { shouldInclude(url: string, specifier: string): boolean }): void
    readonly resolve: ResolveHook
    readonly load: LoadHook
    readonly resolveSync: ResolveHookSync
    readonly loadSync: LoadHookSync
  }
  export function createHook(meta: { readonly url: string }): Hook
}

declare module 'import-in-the-middle/lib/register.js' {
  export const ModuleBinder: unknown
  export const register: unknown
}
