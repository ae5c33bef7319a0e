import { type ContextManager, context, metrics, trace } from '@opentelemetry/api'
import { load } from '../base/chunks.ts'
import { info } from '../base/diag.ts'
import type { Handle } from '../base/handle.ts'
import type { StorageContextManager } from '../sdk/context-manager.ts'
import type { FollowedManager } from '../sdk/followed-manager.ts'
import { registeredByApp, watchRegistrations } from '../sdk/global-registry.ts'

const NAMES: Readonly<Record<string, string>> = {
  trace: 'tracer provider',
  context: 'context manager',
  metrics: 'meter provider',
  propagation: 'propagator',
  logs: 'logger provider',
}

/**
 * Keeps both SDKs working when the app registers its own with the API (Sentry, a NodeSDK): the app's SDK gets what the
 * app records through the API, in its own contexts, and ours continues independently. When the app registers only a
 * context manager, its spans are ours and so are their contexts, so ours delegates to it.
 */
export function liveBesideLaterSdk(contextManager: StorageContextManager): void {
  let isLogged = false
  let followed: ContextManager | undefined
  let manager: FollowedManager | undefined
  watchRegistrations((kinds) => {
    const isSdk = kinds.includes('trace')
    const theirs = registeredByApp('context') as ContextManager | undefined
    if (theirs !== followed) {
      followed = theirs
      manager =
        theirs && new (load<typeof import('../sdk/followed-manager.ts')>('followed-manager').FollowedManager)(theirs)
    }
    contextManager.follow(isSdk ? undefined : manager)
    contextManager.respect(isSdk ? manager : undefined)
    if (!isSdk || isLogged) return
    isLogged = true
    // An SDK registers several globals, one after the other.
    queueMicrotask(() => {
      const names = Object.keys(NAMES).filter((kind) => registeredByApp(kind) !== undefined)
      info(
        `the app started another OpenTelemetry SDK (${names.map((kind) => NAMES[kind]).join(', ')}): what it records with @opentelemetry/api goes to that SDK; ` +
          'the instrumentations of @paxx/obs and its getTracer() are not affected',
      )
    })
  })
}

/** Returns what the public API needs to use our SDK, not the app's. */
export function ownApi(
  hasTraces: boolean,
  hasMetrics: boolean,
  loadSdk: () => void,
): Pick<Handle, 'getTracer' | 'getMeter' | 'activeContext'> {
  return {
    ...(hasTraces ? { getTracer: (name, version) => (loadSdk(), trace.getTracer(name, version)) } : {}),
    ...(hasMetrics ? { getMeter: (name, version) => (loadSdk(), metrics.getMeter(name, version)) } : {}),
    activeContext: () => context.active(),
  }
}
