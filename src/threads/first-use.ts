import Module, { registerHooks, type ResolveHookSync } from 'node:module'
import { reasonOf, warn } from '../base/diag.ts'
import { onFirstFetch } from '../base/first-fetch.ts'
import { builtinName, packageOfSpecifier } from '../base/package-names.ts'
import type { ThreadLink } from '../base/thread-link.ts'

/** What exists from the first use on. */
export interface Built {
  readonly resolve: ResolveHookSync
  requestCreated(message: unknown): void
}

interface FirstUse extends Pick<ThreadLink, 'names' | 'hasFetch'> {
  /** Whether to build at once, without waiting for a first use. */
  readonly atOnce: boolean
}

/** Whoever resolves one of these is about to ask the API for a tracer or a meter. */
const APIS: readonly string[] = ['@opentelemetry/api', '@opentelemetry/api-logs', '@paxx/obs']

/**
 * Calls `build` when the thread first loads something that is instrumented; most worker threads never do. A module is
 * not evaluated before the hook has returned, so nothing is missed.
 */
export function onFirstUse({ names, hasFetch, atOnce }: FirstUse, build: () => Built): void {
  const wanted = new Set([...names, ...APIS])
  let built: Built | undefined
  let failed = false
  const use = (): Built | undefined => {
    if (built !== undefined || failed) return built
    try {
      built = build()
    } catch (thrown) {
      failed = true
      warn(`could not start telemetry in a worker thread (${reasonOf(thrown)}); the thread is not instrumented`)
    }
    return built
  }
  const resolve: ResolveHookSync = (specifier, context, nextResolve) => {
    if (built === undefined && !failed && wanted.has(nameOf(specifier))) use()
    return built === undefined ? nextResolve(specifier, context) : built.resolve(specifier, context, nextResolve)
  }
  registerHooks({ resolve })
  const before = (id: string): void => {
    if (built === undefined && !failed && wanted.has(nameOf(id))) use()
  }
  watchCalls((Module as unknown as { readonly prototype: NodeJS.Module }).prototype, 'require', before)
  watchCalls(process, 'getBuiltinModule', before)
  if (hasFetch) {
    onFirstFetch((message) => {
      if (built === undefined) use()?.requestCreated(message)
    })
  }
  if (atOnce) use()
}

/**
 * Calls `before` ahead of each call of a method. Instrumentation patches what `require` and `process.getBuiltinModule`
 * return by wrapping them, which would be too late for the very call that triggers the start. So it is installed first,
 * and the call then goes through the wrapper.
 */
function watchCalls<Name extends string>(
  of: Readonly<Record<Name, (id: string) => unknown>>,
  name: Name,
  before: (id: string) => void,
): void {
  const original = of[name]
  const watching = function (this: unknown, id: string, ...rest: unknown[]): unknown {
    const current = of[name]
    if (typeof id === 'string') before(id)
    return Reflect.apply(of[name] === current ? original : of[name], this, [id, ...rest])
  }
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(watching, key, { configurable: true, value: original[key] })
  }
  Object.defineProperty(of, name, { ...Object.getOwnPropertyDescriptor(of, name), value: watching })
}

function nameOf(specifier: string): string {
  return packageOfSpecifier(specifier) ?? builtinName(specifier)
}
