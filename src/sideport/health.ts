import { AppServers } from './app-servers.ts'

/** Whether the process lives and whether it wants traffic. */
export interface Health {
  /** How late the event loop was of late, in ms; undefined: no measurement yet. */
  readonly eventLoopDelayMs: () => number
  readonly isResponsive: () => boolean
  /** Why no traffic should come; undefined: it may. */
  readonly notReadyReason: () => string | undefined
  readonly setReady: (ready: boolean) => void
  readonly close: () => void
}

const BEAT_MS = 500
/** A longer block than this within the last second or so fails the check. */
const DEFAULT_DELAY_LIMIT_MS = 2000

/**
 * A check that is answered at all was answered by a running event loop; to know how it ran a moment ago, a timer beats
 * from the first check on. Nobody asks: no timer.
 */
export function createHealth(limitMs: number = DEFAULT_DELAY_LIMIT_MS): Health {
  const servers = new AppServers()
  servers.watch()
  let ready = true
  let timer: NodeJS.Timeout | undefined
  let due = 0
  let delays: [before: number, last: number] = [0, 0]

  const beat = (): void => {
    const now = performance.now()
    delays = [delays[1], Math.max(0, now - due)]
    due = now + BEAT_MS
  }
  const eventLoopDelayMs = (): number => {
    if (timer === undefined) {
      due = performance.now() + BEAT_MS
      timer = setInterval(beat, BEAT_MS).unref()
    }
    return Math.max(...delays, performance.now() - due)
  }
  return {
    eventLoopDelayMs,
    isResponsive: () => eventLoopDelayMs() <= limitMs,
    notReadyReason: () => {
      if (!ready) return 'not ready'
      return servers.haveClosed() ? 'shutting down' : undefined
    },
    setReady: (value) => {
      ready = value
    },
    close: () => {
      clearInterval(timer)
      servers.unwatch()
    },
  }
}
