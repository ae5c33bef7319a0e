import { load } from '../base/chunks.ts'
import { switchingProvider } from './switching-provider.ts'

/**
 * Replaces `internal/global-utils` of `@opentelemetry/api` in the bundle (`scripts/patches/api.ts`). What this package
 * registers stays its own, whatever the app registers later. The app's copies of the API find it in the registry they
 * share, until the app registers something in its place.
 *
 * The API refuses a second registration: an SDK that the app starts, such as Sentry's, would run without its context
 * manager, and requests would share their users and tags. So the shared registry accepts it. `registerGlobal()` of
 * every copy of the API assigns the registry to the global, reads what is registered (there must be nothing), reads the
 * version (it must be its own), and assigns the instance, all synchronously.
 */
type Types = Record<string, unknown>

/**
 * The kinds that the app's copies of the API share with us. `diag` is not shared: the app decides where its messages
 * go.
 */
const SHARED = ['trace', 'context', 'metrics', 'propagation', 'logs'] as const
const KINDS = [...SHARED, 'diag'] as const
const PROVIDERS: ReadonlySet<string> = new Set(['trace', 'metrics', 'logs'])

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
/** The registry as the app's copies of the API see it. */
const shared: Types = Object.create(null) as Types
/** The latest registrations of the app. */
const theirs: Types = Object.create(null) as Types
let onRegistration: (kinds: readonly string[]) => void = () => {}
let beforeProvider: () => void = () => {}
let isPublished = false

/** Calls `listener` at each registration of the app, with all kinds that the app has registered so far. */
export function watchRegistrations(listener: (kinds: readonly string[]) => void): void {
  onRegistration = listener
}

/** Calls `listener` before the app reads one of our providers. */
export function beforeSharedProvider(listener: () => void): void {
  beforeProvider = listener
}

/** Returns what the app has registered for a kind. */
export function registeredByApp(kind: string): unknown {
  return theirs[kind]
}

/** Creates the registry. `version` is that of the API in the bundle. */
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
        if (!isShared || kind in theirs) return theirs[kind]
        if (PROVIDERS.has(kind)) beforeProvider()
        return shared[kind]
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
