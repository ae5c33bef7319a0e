import type { LifecycleSettings } from '../settings/settings.ts'
import { watchExit } from './exit.ts'
import { watchSignals } from './signals.ts'

export interface LifecycleInput {
  readonly settings: LifecycleSettings
  /** Delivers what is left, blocking, within the time given; called at the very end, and cheap when nothing is left. */
  readonly endSync: (timeoutMs: number) => void
}

/** Sees to it that the last spans leave at every end of the process, and that it ends as it would have without us. */
export function watchLifecycle({ settings, endSync }: LifecycleInput): void {
  watchExit(() => endSync(settings.exitFlushTimeoutMs))
  watchSignals(() => endSync(settings.signalFlushTimeoutMs))
}
