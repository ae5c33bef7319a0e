import { constants } from 'node:os'

/** Signals whose default is to end the process and that people and supervisors send for that. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * Runs `atEnd` when one of these signals is about to end the process by default, then lets it. Where the app listens itself,
 * ours steps aside: the app alone decides, and programs that count listeners (signal-exit) count their own.
 */
export function watchSignals(atEnd: () => void): void {
  const watched = new Map<unknown, () => void>(
    SIGNALS.map((signal) => [constants.signals[signal], watch(signal, atEnd)]),
  )
  endInsideKill(watched)
}

/**
 * A process that signals itself (or its group) ends inside the call, and runs nothing after it. With a listener it would
 * go on until its event loop hears of the signal, so the end is brought forward. Every `process.kill()` comes through `_kill`.
 */
function endInsideKill(watched: ReadonlyMap<unknown, () => void>): void {
  const raw = process as unknown as { _kill(pid: unknown, signal: unknown): number }
  const { _kill } = raw
  raw._kill = function (this: NodeJS.Process, pid: unknown, signal: unknown): number {
    if (pid === process.pid || pid === 0) watched.get(signal)?.()
    return Reflect.apply(_kill, this, [pid, signal]) as number
  }
}

const kill = process.kill.bind(process)

type Listeners = Record<'newListener' | 'removeListener', unknown>

/** Before those of the app: node's own, which open and close the handle of a signal. */
const early = { ...eventsOfProcess() }
for (const event of ['newListener', 'removeListener'] as const) {
  if (Array.isArray(early[event])) early[event] = [...early[event]]
}

/** Does what the app's listeners of this event do not hear of: a listener of ours is no event of theirs. */
function unheard(event: keyof Listeners, work: () => void): void {
  const events = eventsOfProcess()
  const all = events[event]
  events[event] = early[event]
  work()
  eventsOfProcess()[event] = all
}

function eventsOfProcess(): Listeners {
  return (process as unknown as { readonly _events: Listeners })._events
}

/** Returns what has to be done before the signal ends the process: nothing, where something of the app listens. */
function watch(signal: NodeJS.Signals, atEnd: () => void): () => void {
  const onSignal = (): void => {
    if (process.listenerCount(signal) > 1) stop()
    else kill(process.pid, signal)
  }
  const end = (): void => {
    stop()
    if (process.listenerCount(signal) > 0) return
    // The handler is gone with the listener, so a second signal ends the process at once, even while this blocks.
    process.off('removeListener', onRemoved)
    process.off('newListener', onAdded)
    atEnd()
  }
  const start = (): void => {
    if (!process.listeners(signal).includes(onSignal)) unheard('newListener', () => process.on(signal, onSignal))
  }
  const stop = (): void => {
    unheard('removeListener', () => process.off(signal, onSignal))
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
  // A script that computes from its first line on and is ended by Ctrl-C has nobody who would tell us of it.
  setImmediate(() => {
    if (process.listenerCount(signal) === 0) start()
  }).unref()
  process.on('newListener', onAdded)
  process.on('removeListener', onRemoved)
  return end
}
