import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import type { Interlude } from '../export/ledger.ts'

/** Signals whose default is to end the process and that people and supervisors send for that; SIGUSR2 is nodemon's. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const

/**
 * A terminal signals the whole process group and a wrapper (cross-env, nodemon, node --watch) passes the signal on, so that
 * it arrives twice within milliseconds. Within this time of the first, a second one is the same wish.
 */
const SAME_WISH_MS = 1000

/**
 * Runs `atEnd` when one of these signals is about to end the process by default, then lets it. Where the app listens itself,
 * ours steps aside: the app alone decides, and programs that count listeners (signal-exit) count their own.
 */
export function watchSignals(atEnd: (interlude: Interlude) => void): void {
  const watched = new Map<unknown, Watched>()
  const release = (): void => {
    for (const { stop } of watched.values()) stop()
  }
  // The handlers stay while this blocks, so that signals are taken and not heard of; without, each ends the process at once.
  const end = (): void => atEnd({ afterMs: SAME_WISH_MS, run: release })
  for (const signal of SIGNALS.filter((name) => name in constants.signals)) {
    watched.set(constants.signals[signal], watch(signal, end))
  }
  endInsideKill(watched)
}

interface Watched {
  /** Does what has to be done before the signal ends the process: nothing, where something of the app listens. */
  readonly end: () => void
  /** Gives the signal its default back. */
  readonly stop: () => void
}

/**
 * A process that signals itself (or its group) ends inside the call, and runs nothing after it. With a listener it would
 * go on until its event loop hears of the signal, so the end is brought forward. Every `process.kill()` comes through `_kill`.
 */
function endInsideKill(watched: ReadonlyMap<unknown, Watched>): void {
  const raw = process as unknown as { _kill(pid: unknown, signal: unknown): number }
  const { _kill } = raw
  raw._kill = function (this: NodeJS.Process, pid: unknown, signal: unknown): number {
    if (pid === process.pid || pid === 0) watched.get(signal)?.end()
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

function watch(signal: NodeJS.Signals, atEnd: () => void): Watched {
  const onSignal = (): void => {
    if (process.listenerCount(signal) > 1) stop()
    else kill(process.pid, signal)
  }
  const end = (): void => {
    if (process.listeners(signal).some((listener) => listener !== onSignal)) return stop()
    process.off('removeListener', onRemoved)
    process.off('newListener', onAdded)
    atEnd()
    stop()
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
    if (process.listenerCount(signal) === 0 && !isCaught(signal)) start()
  }).unref()
  process.on('newListener', onAdded)
  process.on('removeListener', onRemoved)
  return { end, stop }
}

/** Signals whose handler is often an addon's: to take a heap snapshot, to dump stacks. */
const ADDONS_CATCH: readonly NodeJS.Signals[] = ['SIGQUIT', 'SIGUSR2']

/** Whether something other than JavaScript handles the signal already, as Linux tells: then it does not end the process. */
function isCaught(signal: NodeJS.Signals): boolean {
  if (process.platform !== 'linux' || !ADDONS_CATCH.includes(signal)) return false
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0'
  return ((BigInt(`0x${caught}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n
}
