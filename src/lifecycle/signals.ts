/** Signals whose default is to end the process and that people and supervisors send for that. */
const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP']

/**
 * Runs `atEnd` when one of these signals is about to end the process by default, then lets it. Where the app listens itself,
 * ours steps aside: the app alone decides, and programs that count listeners (signal-exit) count their own.
 */
export function watchSignals(atEnd: () => void): void {
  for (const signal of SIGNALS) watch(signal, atEnd)
}

function watch(signal: NodeJS.Signals, atEnd: () => void): void {
  const onSignal = (): void => {
    stop()
    if (process.listenerCount(signal) > 0) return
    // The handler is gone with the listener, so a second signal ends the process at once, even while this blocks.
    process.off('removeListener', onRemoved)
    process.off('newListener', onAdded)
    try {
      atEnd()
    } finally {
      process.kill(process.pid, signal)
    }
  }
  const start = (): void => {
    if (!process.listeners(signal).includes(onSignal)) process.on(signal, onSignal)
  }
  const stop = (): void => {
    process.off(signal, onSignal)
  }
  const onAdded = (event: string | symbol, listener: unknown): void => {
    if (event !== signal || listener === onSignal) return
    // Not at once: node's own handle for the signal must not go between the app's call and the app's listener.
    queueMicrotask(() => {
      if (process.listenerCount(signal) > 1) stop()
    })
  }
  const onRemoved = (event: string | symbol, listener: unknown): void => {
    if (event === signal && listener !== onSignal && process.listenerCount(signal) === 0) start()
  }
  start()
  process.on('newListener', onAdded)
  process.on('removeListener', onRemoved)
}
