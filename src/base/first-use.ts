import { AsyncResource } from 'node:async_hooks'
import { Module, registerHooks, type ResolveHookSync } from 'node:module'
import { reasonOf, warn } from './diag.ts'
import { API_REGISTRY } from './facts.ts'
import { onFirstFetch } from './first-fetch.ts'
import type { Handle } from './handle.ts'
import { builtinName, packageOfSpecifier, packageOfUrl } from './package-names.ts'
import { isRequire, required } from './required.ts'
import { standIn } from './stand-in.ts'

/** What the first use of telemetry creates. */
export interface Built {
  readonly resolve: ResolveHookSync
  requestCreated(message: unknown): void
}

interface FirstUse {
  /** Packages and builtins that are instrumented. */
  readonly names: readonly string[]
  /** Whether `fetch` is instrumented, which exists without being loaded. */
  readonly hasFetch: boolean
  readonly handle: Handle
  /** How a log line names what does not start when `build` throws. */
  readonly where: string
}

/**
 * The members of the handle whose use starts telemetry. The others work without it: before the first use, there is
 * nothing to flush.
 */
const MEMBERS = ['getTracer', 'getMeter', 'activeContext', 'bundled', 'setReady', 'inspect'] as const

/**
 * Calls `build` when this thread first uses telemetry: it loads something that is instrumented, sends a request with
 * `fetch`, or somebody reads the registry of `@opentelemetry/api` or the handle. A script or a worker thread that does
 * none of it never pays for telemetry. A module is not evaluated before its resolve hook has returned, and the API
 * reads the registry at each use, so nothing is missed.
 *
 * Returns a function that makes the first use happen now. It never throws; the result is undefined when `build` threw.
 */
export function onFirstUse({ names, hasFetch, handle, where }: FirstUse, build: () => Built): () => Built | undefined {
  const wanted = new Set(names)
  // Timers and the like that `build` creates belong to no request of the app.
  const scope = new AsyncResource('PAXX_OBS')
  const undo: (() => void)[] = []
  let built: Built | undefined
  let isBegun = false
  const use = (): Built | undefined => {
    if (isBegun) return built
    isBegun = true
    for (const each of undo) each()
    try {
      built = scope.runInAsyncScope(build)
    } catch (thrown) {
      warn(`could not start telemetry${where} (${reasonOf(thrown)}); nothing is instrumented there`)
    }
    return built
  }
  const before = (id: string): void => {
    if (!isBegun && wanted.has(nameOf(id))) use()
  }
  registerHooks({ resolve: resolveHook(wanted, () => (isBegun ? built : undefined), use) })
  undo.push(
    watchCalls((Module as unknown as { readonly prototype: NodeJS.Module }).prototype, 'require', before),
    watchCalls(process, 'getBuiltinModule', before),
    watchReads(globalThis, [API_REGISTRY], use),
    watchReads(handle, MEMBERS, use),
  )
  if (hasFetch) {
    onFirstFetch((message) => {
      if (!isBegun) use()?.requestCreated(message)
    })
  }
  return use
}

/** Delegates to the resolve hook that the first use creates, once it exists. */
function resolveHook(
  wanted: ReadonlySet<string>,
  current: () => Built | undefined,
  use: () => Built | undefined,
): ResolveHookSync {
  return (specifier, context, nextResolve) => {
    const built = current() ?? (wanted.has(nameOf(specifier)) ? use() : undefined)
    if (built !== undefined) return built.resolve(specifier, context, nextResolve)
    const resolved = isRequire(context.conditions)
      ? required(specifier, context, nextResolve)
      : nextResolve(specifier, context)
    // A package's file by its path or through `#imports`.
    const found = specifier.charCodeAt(0) === 46 /* . */ ? undefined : packageOfUrl(resolved.url)
    if (found === undefined || !wanted.has(found)) return resolved
    return use()?.resolve(specifier, context, nextResolve) ?? resolved
  }
}

/**
 * Calls `before` ahead of each call of a method. Instrumentation patches what `require` and `process.getBuiltinModule`
 * return by wrapping them, which would be too late for the very call that triggers the start. So it is installed first,
 * and the call then goes through the wrapper. Returns a function that puts the original back, unless somebody else has
 * wrapped it since.
 */
function watchCalls<Name extends string>(
  of: Readonly<Record<Name, (id: string) => unknown>>,
  name: Name,
  before: (id: string) => void,
): () => void {
  const original = of[name]
  const descriptor = Object.getOwnPropertyDescriptor(of, name)
  const watching = standIn(original, function (this: unknown, id: string, ...rest: unknown[]): unknown {
    const current = of[name]
    if (typeof id === 'string') before(id)
    return Reflect.apply(of[name] === current ? original : of[name], this, [id, ...rest])
  })
  Object.defineProperty(of, name, { ...descriptor, value: watching })
  return () => {
    if (of[name] === watching) Object.defineProperty(of, name, { ...descriptor, value: original })
  }
}

/** Calls `use` when somebody reads or assigns one of the properties. Returns a function that stops watching. */
function watchReads(of: object, keys: readonly PropertyKey[], use: () => unknown): () => void {
  const members = of as Record<PropertyKey, unknown>
  const descriptors = keys.map((key) => Object.getOwnPropertyDescriptor(of, key))
  for (const key of keys) {
    Object.defineProperty(of, key, {
      configurable: true,
      get() {
        use()
        return members[key]
      },
      set(value: unknown) {
        use()
        members[key] = value
      },
    })
  }
  return () => {
    for (const [at, key] of keys.entries()) {
      const descriptor = descriptors[at]
      if (descriptor === undefined) Reflect.deleteProperty(of, key)
      else Object.defineProperty(of, key, descriptor)
    }
  }
}

function nameOf(specifier: string): string {
  return packageOfSpecifier(specifier) ?? builtinName(specifier)
}
