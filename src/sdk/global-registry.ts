import { load } from '../base/chunks.ts'
import { switchingProvider } from './switching-provider.ts'

/**
 * Stands in for `internal/global-utils` of `@opentelemetry/api` in the bundle (`scripts/patches/api.ts`). What this package
 * registers is its own, whatever the app registers later; the app's copies of the API find it in the registry that they share,
 * until the app registers something in its place.
 *
 * The API refuses a second registration: an SDK that an app starts, such as Sentry's, would run without its context manager, and
 * requests would share their users and tags. So the shared registry is one that takes it. `registerGlobal()` of every copy of the API
 * assigns the registry to the global, reads what is registered (nothing may be), reads the version (it has to be its own), and
 * assigns the instance, all in one go.
 */
type Types = Record<string, unknown>

/** Kinds of the API that the app's copies share with us; `diag` is not: its messages go where the app has them go. */
const SHARED = ['trace', 'context', 'metrics', 'propagation', 'logs'] as const
const KINDS = [...SHARED, 'diag'] as const

interface Logger {
  debug(message: string): void
  error(message: string): void
}

export interface Registry {
  getGlobal(type: string): unknown
  registerGlobal(type: string, instance: unknown, diag: Logger, allowOverride?: boolean): boolean
  unregisterGlobal(type: string): void
}

const ours: Types = Object.create(null) as Types
/** What the app's copies of the API get of it. */
const shared: Types = Object.create(null) as Types
/** What the app registered last. */
const theirs: Types = Object.create(null) as Types
let onRegistration: (kinds: readonly string[]) => void = () => {}
let isPublished = false

/** Calls back with all kinds that the app has registered something of, each time it does. */
export function watchRegistrations(listener: (kinds: readonly string[]) => void): void {
  onRegistration = listener
}

/** What the app registered of a kind. */
export function registeredByApp(kind: string): unknown {
  return theirs[kind]
}

/** `version`: that of the API in the bundle. */
export function createRegistry(version: string): Registry {
  return {
    getGlobal: (type) => ours[type],
    registerGlobal(type, instance, diag, allowOverride = false) {
      if (!allowOverride && ours[type] !== undefined) {
        diag.error(`duplicate registration of API: ${type}`)
        return false
      }
      ours[type] = instance
      shared[type] = switchingProvider(type, instance, () => theirs[type] ?? instance)
      if (!isPublished) publish(version)
      return true
    },
    unregisterGlobal(type) {
      delete ours[type]
      delete shared[type]
    },
  }
}

function publish(version: string): void {
  isPublished = true
  const key = Symbol.for(`opentelemetry.js.api.${version.split('.')[0]}`)
  const before = (globalThis as Record<symbol, Types | undefined>)[key]
  for (const kind of KINDS) if (before?.[kind] !== undefined) theirs[kind] = before[kind]
  const registry: object = {}
  let current = registry
  let isRegistering = false
  Object.defineProperty(registry, 'version', {
    get() {
      if (!isRegistering) return version
      isRegistering = false
      return versionOfCaller() ?? version
    },
  })
  for (const kind of KINDS) {
    const isShared = kind !== 'diag'
    Object.defineProperty(registry, kind, {
      configurable: true,
      enumerable: true,
      get() {
        if (isRegistering) return undefined
        return isShared && !(kind in theirs) ? shared[kind] : theirs[kind]
      },
      set(instance: unknown) {
        theirs[kind] = instance
        onRegistration(KINDS.filter((each) => theirs[each] !== undefined))
      },
    })
  }
  Object.defineProperty(globalThis, key, {
    configurable: true,
    get: () => current,
    set(assigned: object) {
      current = assigned
      isRegistering = assigned === registry
    },
  })
}

function versionOfCaller(): string | undefined {
  try {
    return load<typeof import('./api-version.ts')>('api-version').versionOfCaller(__filename)
  } catch {
    return undefined
  }
}
