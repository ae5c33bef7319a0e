import { AppServers } from './app-servers.ts'

/** Liveness and readiness of the process. */
export interface Health {
  /** Returns the recent delay of the event loop in milliseconds. */
  readonly eventLoopDelayMs: () => number
  readonly isResponsive: () => boolean
  /** Returns why the process should not receive traffic; undefined when it should. */
  readonly notReadyReason: () => string | undefined
  readonly setReady: (ready: boolean) => void
  readonly close: () => void
}

const BEAT_MS = 500
/** A longer block within about the last second fails the check. */
const DEFAULT_DELAY_LIMIT_MS = 2000

/**
 * Creates the health checks. A check that is answered at all proves that the event loop runs now; a timer, started with
 * the first check, tells how it ran a moment ago.
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
