declare module 'import-in-the-middle/create-hook.mjs' {
  import type { LoadHookSync, ResolveHookSync } from 'node:module'

  export interface Hook {
    applyOptions(options: { shouldInclude(url: string, specifier: string): boolean }): void
    readonly resolve: unknown
    readonly load: unknown
    readonly resolveSync: ResolveHookSync
    readonly loadSync: LoadHookSync
  }
  export function createHook(meta: { readonly url: string }): Hook
}

declare module 'import-in-the-middle/lib/register.js' {
  export const ModuleBinder: unknown
  export const register: unknown
}
