import { channel } from 'node:diagnostics_channel'
import Module, { registerHooks, type ResolveHookSync } from 'node:module'
import { reasonOf, warn } from '../base/diag.ts'
import { builtinName, packageOfSpecifier } from '../base/package-names.ts'
import type { ThreadLink } from '../base/thread-link.ts'

/** What is there from the first use on. */
export interface Built {
  readonly resolve: ResolveHookSync
  requestCreated(message: unknown): void
}

interface FirstUse extends Pick<ThreadLink, 'names' | 'hasFetch'> {
  /** It does not wait for a use. */
  readonly atOnce: boolean
}

/** Who resolves one of these is about to ask the API for a tracer or a meter. */
const APIS: readonly string[] = ['@opentelemetry/api', '@opentelemetry/api-logs', '@paxx/obs']

/**
 * Builds telemetry when the thread first loads something that it is for, and not before: most worker threads never do. A
 * module is not evaluated before the hook has returned, so nothing is missed.
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
      warn(`telemetry could not be started in a worker thread (${reasonOf(thrown)}); it runs without`)
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
  if (hasFetch) watchFetch(() => built, use)
  if (atOnce) use()
}

/**
 * Telemetry patches what `require` and `process.getBuiltinModule` give back by wrapping them, which is too late for the call that
 * brings it: so it is brought before, and the call goes through the wrapper.
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

/** The instrumentation of `fetch` listens to this channel itself once it is there, but not yet to the message that brought it. */
function watchFetch(alreadyBuilt: () => Built | undefined, use: () => Built | undefined): void {
  const created = channel('undici:request:create')
  const onCreated = (message: unknown): void => {
    if (alreadyBuilt() === undefined) use()?.requestCreated(message)
    setImmediate(() => created.unsubscribe(onCreated)).unref()
  }
  created.subscribe(onCreated)
}
