import { AsyncResource } from 'node:async_hooks'
import { load } from '../base/chunks.ts'
import { reasonOf, warn } from '../base/diag.ts'
import type { Facts } from '../base/facts.ts'
import type { Handle } from '../base/handle.ts'
import type { NamedPreload } from '../base/inherited-preload.ts'
import { operationMetricsWith } from '../base/load-operation-metrics.ts'
import { serviceLabel } from '../base/service-label.ts'
import { createHooks, type Hooks } from '../hooks/hooks.ts'
import { endOfInvocation } from '../lifecycle/end-of-invocation.ts'
import { watchLifecycle } from '../lifecycle/lifecycle.ts'
import { NO_PROVIDERS, registerApi } from '../providers/register-api.ts'
import type { ThreadHost } from '../threads/thread-host.ts'
import { mayBeABundle, SMALLEST_BUNDLE_BYTES } from './bundle-candidate.ts'
import { type EarlySettings, plainSettings } from './early-settings.ts'
import type { Outline } from './outline.ts'
import type { Sdk } from './sdk.ts'

export interface TelemetryInput {
  readonly facts: Facts
  readonly outline: Outline
  readonly handle: Handle
  /** Caches the code that V8 compiled of this package for the next start. */
  readonly keepCompiled: () => void
  readonly preload: NamedPreload | undefined
}

export interface Telemetry {
  readonly hooks: Hooks
  /** To be called when the app has started. Opens the side port and starts the runtime metrics. */
  readonly afterTheAppStarted: () => void
}

/**
 * Runs the stages in order, at the first use. The stages are one chunk (`stages.ts`), and each part that not every app
 * needs is a chunk of its own (`chunks.ts`). The SDK is loaded at the first span or measurement, or when the app has
 * started: a server has then opened its own sockets.
 */
export function startTelemetry({ facts, outline, handle, keepCompiled, preload }: TelemetryInput): Telemetry {
  const all = onceOf(outline.settings)
  const settings = outline.isPlain ? plainSettings(outline.logLevel) : all()
  let sdk: Sdk | undefined
  // Set when the app first loads node:worker_threads.
  let threads: ThreadHost | undefined
  // Timers and the like that the SDK creates belong to no request of the app.
  const scope = new AsyncResource('PAXX_OBS')
  const loadSdk = (): void => {
    try {
      sdk = scope.runInAsyncScope(load<typeof import('./sdk-stages.ts')>('sdk-stages').buildSdk, undefined, all())
      use(sdk.providers, () => hooks?.useProviders())
      if (threads !== undefined) sdk.pipeline.joinPushed(threads.joinPushed)
    } catch (thrown) {
      warn(`could not start telemetry (${reasonOf(thrown)}); nothing is exported`)
      use(NO_PROVIDERS, () => {})
    }
  }
  const { meter, api, use, needSdk } = registerApi(settings, loadSdk)
  const neededSdk = (): Sdk | undefined => {
    needSdk()
    return sdk
  }
  let hooks: Hooks | undefined
  if (needsSdkAtOnce(settings, facts)) needSdk()
  if (settings.logs.console.length > 0)
    load<typeof import('../providers/console-logs.ts')>('console-logs').watchConsole(settings.logs.console)

  const created = createHooks({
    settings: settings.instrumentations,
    ...facts,
    operationMetricsOf: operationMetricsWith(meter),
    onWorkerThreads: () => {
      const { names, hasFetch } = created
      threads = load<typeof import('../threads/thread-host.ts')>('thread-host').hostThreads(
        { settings: all, names, hasFetch, strategy: sdk?.strategy(), preload },
        neededSdk,
      )
      sdk?.pipeline.joinPushed(threads.joinPushed)
    },
  })
  hooks = created
  if (facts.requiresBuiltinsAlone) hooks.useBuiltins()
  watchLifecycle({
    settings: settings.lifecycle,
    endSync: (timeoutMs, interlude) => {
      handle.ending?.()
      threads?.receiveNow()
      sdk?.endSync(timeoutMs, interlude)
      handle.ended?.()
      keepCompiled()
    },
  })
  Object.assign(handle, api)
  handle.flush = async (timeoutMs) => (await sdk?.pipeline.flush(timeoutMs)) ?? true
  handle.bundled = created.bundled
  if (facts.lambdaHandler !== undefined) {
    // The first invocation waits for its export, and the handler is still loading.
    sdk?.pipeline.prepare()
    handle.endOfInvocation = endOfInvocation(handle.flush, settings.lifecycle.signalFlushTimeoutMs)
  }
  if (settings.metrics.exporters.includes('prometheus')) handle.setReady = (ready) => neededSdk()?.setReady(ready)
  handle.inspect = () => ({
    service: serviceLabel(all().resource),
    instrumentations: [...created.inspect(), ...(threads?.instrumentations() ?? [])],
    exports: neededSdk()?.pipeline.inspect() ?? {},
  })

  const afterTheAppStarted = (): void => {
    if (mayBeABundle(facts.mainScript) && !created.hasBundled()) {
      void load<typeof import('./unmarked-bundle.ts')>('unmarked-bundle').logUnmarkedBundle(
        facts.mainScript,
        created.names,
        SMALLEST_BUNDLE_BYTES,
      )
    }
    needSdk()
    created.observeRuntime()
    sdk?.afterTheAppStarted({ meter, handle, mainScript: facts.mainScript, threads: () => threads })
  }
  return { hooks: created, afterTheAppStarted }
}

/** Returns whether something is exported that no span or measurement of an instrumentation precedes. */
function needsSdkAtOnce({ logs, metrics, instrumentations }: EarlySettings, { lambdaHandler }: Facts): boolean {
  return (
    lambdaHandler !== undefined ||
    logs.exporters.length + logs.console.length + instrumentations.extra.length > 0 ||
    metrics.exporters.some((exporter) => exporter !== 'prometheus')
  )
}

function onceOf<Value>(make: () => Value): () => Value {
  let made: Value | undefined
  return () => (made ??= make())
}
