import { reasonOf, warn } from '../base/diag.ts'
import type { Interlude } from '../export/ledger.ts'
import type { LifecycleSettings } from '../settings/settings.ts'
import { watchExceptionHandlers } from './exceptions.ts'
import { watchExit } from './exit.ts'
import { watchSignals } from './signals.ts'

export interface LifecycleInput {
  readonly settings: LifecycleSettings
  /**
   * Delivers what is left, blocking, within the time given; called at the very end, and cheap when nothing is left.
   * `interlude` runs once, if it blocks that long.
   */
  readonly endSync: (timeoutMs: number, interlude?: Interlude) => void
}

/**
 * Sees to it that the last spans leave at every end of the process, and that it ends as it would have without us. A timeout
 * of 0 is "do not wait": nothing is watched then.
 */
export function watchLifecycle({ settings, endSync }: LifecycleInput): void {
  const { exitFlushTimeoutMs, signalFlushTimeoutMs } = settings
  if (exitFlushTimeoutMs > 0) {
    const atEnd = withinBudget(exitFlushTimeoutMs, endSync)
    watchEnd(() => atEnd())
  }
  if (signalFlushTimeoutMs > 0) watchSignals(withinBudget(signalFlushTimeoutMs, endSync))
}

/** The same for a worker thread, which hears of no signals; what is left of one that is terminated is not asked for. */
export function watchThread(atEnd: () => void): void {
  watchEnd(() => quietly(atEnd))
}

function watchEnd(atEnd: () => void): void {
  watchExit(atEnd)
  watchExceptionHandlers(atEnd)
}

/**
 * One end can reach us more than once (`process.exit()` in an `exit` listener, tools that emit `exit` themselves): all of
 * them together wait no longer than the timeout. Whatever fails, the process ends as it would have.
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
    warn(`the last telemetry could not be sent (${reasonOf(thrown)})`)
  }
}
