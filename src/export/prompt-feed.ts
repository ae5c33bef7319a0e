import type { BatchFeed, RecentBatches } from './recent-batches.ts'

/** While the page is open, ended spans are exported after at most this delay. */
const WATCHED_DELAY_MS = 250
/** Batches that fill up faster than this are left alone: halving them would cost a busy app time. */
const BUSY_DELAY_MS = 600

/** Drains the queues at short intervals while the page is open, instead of after the configured delay. */
export function promptFeed(recent: RecentBatches, drain: () => void): BatchFeed {
  let timer: NodeJS.Timeout | undefined
  let drainedMs = -Infinity
  const drainUnlessBusy = (): void => {
    const nowMs = performance.now()
    const leavesByItself = recent.lastMs > drainedMs
    if (leavesByItself && nowMs - recent.lastMs < BUSY_DELAY_MS) return
    drain()
    drainedMs = performance.now()
  }
  return {
    get tooLarge() {
      return recent.tooLarge
    },
    subscribe(listener) {
      drain()
      const unsubscribe = recent.subscribe(listener)
      timer ??= setInterval(drainUnlessBusy, WATCHED_DELAY_MS).unref()
      return () => {
        unsubscribe()
        if (recent.isWatched) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}
