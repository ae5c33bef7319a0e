import { type ContextManager, context, metrics, trace } from '@opentelemetry/api'
import { info } from '../base/diag.ts'
import type { Handle } from '../base/handle.ts'
import type { StorageContextManager } from '../sdk/context-manager.ts'
import { registeredByApp, watchRegistrations } from '../sdk/global-registry.ts'

const NAMES: Readonly<Record<string, string>> = {
  trace: 'tracer provider',
  context: 'context manager',
  metrics: 'meter provider',
  propagation: 'propagator',
  logs: 'logger provider',
}

/**
 * What happens when the app registers an SDK of its own with the API (Sentry, a NodeSDK): it gets what the app records through the
 * API, in contexts of its own, and ours goes on beside it as if it were alone. Where the app registers a context manager alone, its
 * spans are ours and so are their contexts: ours follows it.
 */
export function liveBesideLaterSdk(contextManager: StorageContextManager): void {
  let isSaid = false
  watchRegistrations((kinds) => {
    const isSdk = kinds.includes('trace')
    const theirs = registeredByApp('context') as ContextManager | undefined
    contextManager.follow(isSdk ? undefined : theirs)
    contextManager.respect(isSdk ? theirs : undefined)
    if (!isSdk || isSaid) return
    isSaid = true
    // An SDK registers several, one after the other.
    queueMicrotask(() => {
      const names = Object.keys(NAMES).filter((kind) => registeredByApp(kind) !== undefined)
      info(
        `the app started another OpenTelemetry SDK (${names.map((kind) => NAMES[kind]).join(', ')}): what it records with @opentelemetry/api is that SDK's, ` +
          'what is instrumented here and getTracer() of @paxx/obs go on as before',
      )
    })
  })
}

/** For the public API, which is to reach our SDK and not the app's. */
export function ownApi(
  hasTraces: boolean,
  hasMetrics: boolean,
): Pick<Handle, 'getTracer' | 'getMeter' | 'activeContext'> {
  return {
    ...(hasTraces ? { getTracer: (name, version) => trace.getTracer(name, version) } : {}),
    ...(hasMetrics ? { getMeter: (name, version) => metrics.getMeter(name, version) } : {}),
    activeContext: () => context.active(),
  }
}
