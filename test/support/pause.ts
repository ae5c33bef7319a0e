import { setTimeout as passed } from 'node:timers/promises'

/**
 * Waits for a fixed time. Only for tests that are about time itself, which is what `why` says, such as the gap between
 * two signals: everything else is awaited with `eventually`, so that it neither fails on a busy machine nor waits in
 * vain on an idle one.
 */
export async function pause(ms: number, _why: string): Promise<void> {
  await passed(ms)
}
