import { reasonOf, warn } from '../base/diag.ts'
import type { Interlude } from '../export/ledger.ts'
import type { LifecycleSettings } from '../settings/settings.ts'
import { watchExceptionHandlers } from './exceptions.ts'
import { watchExit } from './exit.ts'
import { watchSignals } from './signals.ts'

export interface LifecycleInput {
  readonly settings: LifecycleSettings
  /**
   * Delivers what is left, blocking for at most the given time. Called at the very end, and cheap when nothing is left.
   * `interlude` runs once if that takes longer than its `afterMs`.
   */
  readonly endSync: (timeoutMs: number, interlude?: Interlude) => void
}

/**
 * Makes sure that the last spans are exported however the process ends, and that it ends as it would without us. With a
 * timeout of 0, which means "do not wait", nothing is watched.
 */
export function watchLifecycle({ settings, endSync }: LifecycleInput): void {
  const { exitFlushTimeoutMs, signalFlushTimeoutMs } = settings
  if (exitFlushTimeoutMs > 0) {
    const atEnd = withinBudget(exitFlushTimeoutMs, endSync)
    watchEnd(() => atEnd())
  }
  if (signalFlushTimeoutMs > 0) watchSignals(withinBudget(signalFlushTimeoutMs, endSync))
}

/** Runs `atEnd` when a worker thread ends, which receives no signals. It does not run when the thread is terminated. */
export function watchThread(atEnd: () => void): void {
  watchEnd(() => quietly(atEnd))
}

function watchEnd(atEnd: () => void): void {
  watchExit(atEnd)
  watchExceptionHandlers(atEnd)
}

/**
 * Limits all calls together to the timeout, since one end may be reported several times (`process.exit()` in an `exit`
 * listener, tools that emit `exit` themselves). Failures are logged, and the process ends as it would have.
 */
function withinBudget(timeoutMs: number, endSync: LifecycleInput['endSync']): (interlude?: Interlude) => void {
  let leftMs = timeoutMs
  return (interlude) => {
    if (leftMs < 1) return
    const startedAtMs = performance.now()
    quietly(() => endSync(leftMs, interlude))
    leftMs -= performance.now() - startedAtMs
  }
}

function quietly(work: () => void): void {
  try {
    work()
  } catch (thrown) {
    warn(`could not export the last telemetry (${reasonOf(thrown)}); dropped`)
  }
}
