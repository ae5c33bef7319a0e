import { context } from '@opentelemetry/api'
import { failureOf } from './outcome.ts'
import { ServerRequest } from './server-request.ts'
import type { Serving } from './serving.ts'

/**
 * What a handler throws and nobody catches ends the process, or is left to the app's listener of `uncaughtException`. It is
 * recorded on the request that met it, whose span ends with the process where nothing else ends it.
 */
export function watchCrashes(serving: Serving): void {
  const broken = new Set<ServerRequest>()
  const endBroken = (): void => {
    for (const served of broken) {
      const outcome = { status: undefined, failure: served.failure }
      serving.safely(() => serving.end(served, outcome, { requestBytes: 0, responseBytes: 0 }, performance.now()))
    }
    broken.clear()
  }
  process.on('uncaughtExceptionMonitor', (thrown: unknown) => {
    const served = ServerRequest.active(context.active())
    if (served === undefined || served.hasEnded) return
    served.failure = failureOf(thrown)
    serving.safely(() => served.recordException(thrown))
    broken.add(served)
    if (process.listenerCount('uncaughtException') === 0) endBroken()
    else if (broken.size === 1) process.prependOnceListener('exit', endBroken)
  })
}
