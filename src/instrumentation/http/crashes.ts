import { context } from '@opentelemetry/api'
import { failureOf } from './outcome.ts'
import { ServerRequest } from './server-request.ts'
import type { Serving } from './serving.ts'

/**
 * Records an exception that a handler throws and nothing catches on the request that it affected. The process ends, or
 * the app's `uncaughtException` listener runs. The request's span ends with the process if nothing else ends it.
 */
export function watchCrashes(serving: Serving): void {
  const broken = new Set<ServerRequest>()
  const endBroken = (): void => {
    for (const served of broken) {
      const outcome = { status: undefined, failure: served.failure }
      serving.guard.run(() => serving.end(served, outcome, { requestBytes: 0, responseBytes: 0 }, performance.now()))
    }
    broken.clear()
  }
  const noteCrash = (thrown: unknown): void => {
    const served = ServerRequest.active(context.active())
    if (served === undefined || served.hasEnded) return
    served.failure = failureOf(thrown)
    serving.guard.run(() => served.recordException(thrown))
    broken.add(served)
    if (process.listenerCount('uncaughtException') === 0) endBroken()
    else if (broken.size === 1) process.prependOnceListener('exit', endBroken)
  }
  // An exception in this listener would change the exit code of the process.
  process.on('uncaughtExceptionMonitor', (thrown: unknown) => serving.guard.run(() => noteCrash(thrown)))
}
