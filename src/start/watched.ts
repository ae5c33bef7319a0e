import { PendingPackages } from '../hooks/pending-packages.ts'
import { select } from '../hooks/selection.ts'
import type { InstrumentationSettings } from '../settings/settings.ts'
import type { Watched } from './outline.ts'

/** Returns the packages and builtins to watch for the first use, without loading any instrumentation. */
export function watchedBy(settings: InstrumentationSettings): Watched {
  const { on, unknown } = select(settings)
  return {
    // A worker thread exports through the main thread.
    names: [...new PendingPackages(on).names, 'worker_threads'],
    hasFetch: on.has('undici'),
    problems: unknown.map(({ variable, name }) => `${variable}: there is no instrumentation "${name}"; it is ignored`),
  }
}
