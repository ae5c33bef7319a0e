import type { Facts } from '../base/facts.ts'
import { supportsSyncLoadHooks } from '../base/facts.ts'
import { PendingPackages } from '../hooks/packages.ts'
import { select } from '../hooks/selection.ts'
import type { InstrumentationSettings, Settings } from '../settings/settings.ts'

export interface Watched {
  /** Packages and builtins whose loading is a use of telemetry. */
  readonly names: readonly string[]
  /** Whether a `fetch` is one. */
  readonly hasFetch: boolean
  /** What is wrong with the selection, as log lines. */
  readonly problems: readonly string[]
}

/** Returns what to watch for the first use, without anything of the instrumentations themselves. */
export function watchedBy(settings: InstrumentationSettings): Watched {
  const { on, unknown } = select(settings)
  return {
    // A worker thread exports through the main thread.
    names: [...new PendingPackages(on).names, 'worker_threads'],
    hasFetch: on.has('undici'),
    problems: unknown.map(({ variable, name }) => `${variable}: there is no instrumentation "${name}"; it is ignored`),
  }
}

/** Returns whether telemetry has to be there before the app: something of it does not wait for a use that can be seen. */
export function startsAtOnce({ metrics, logs, instrumentations }: Settings, facts: Facts): boolean {
  return (
    // Metrics that are pushed are pushed at the end of every process.
    metrics.exporters.some((exporter) => exporter !== 'prometheus') ||
    logs.console.length > 0 ||
    instrumentations.extra.length > 0 ||
    // Their problems are logged.
    Object.keys(instrumentations.options).length > 0 ||
    facts.lambdaHandler !== undefined ||
    // Its `require` calls no hook.
    facts.requiresBuiltinsAlone ||
    // The thread of the hooks for ES modules has to be there before the first module.
    !supportsSyncLoadHooks(facts.nodeVersion)
  )
}
