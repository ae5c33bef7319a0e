import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { standIn } from '../base/stand-in.ts'
import type { Interlude } from '../export/ledger.ts'
import { type SignalHandle, signalHandleClass } from './signal-handle.ts'

/** Signals that end the process by default and that people and supervisors send for that; SIGUSR2 is nodemon's. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const

/**
 * A terminal signals the whole process group and wrappers (cross-env, nodemon, node --watch) forward the signal, so
 * that it arrives twice within milliseconds. A second signal within this time of the first counts as the same request.
 */
const SAME_WISH_MS = 1000

/**
 * Runs `atEnd` when one of these signals is about to end the process by default, then lets it. When the app has a
 * listener for the signal, ours is removed: the app alone decides. No listener on `process` is used.
 */
export function watchSignals(atEnd: (interlude: Interlude) => void): void {
  const Handle = signalHandleClass()
  if (Handle === undefined) return
  const watched = new Map<unknown, WatchedSignal>()
  // The handles stay while this blocks, so that further signals have no effect. Without them, each would end the
  // process at once.
  const release = (): void => {
    for (const signal of watched.values()) signal.stop()
  }
  const end = (): void => atEnd({ afterMs: SAME_WISH_MS, run: release })
  for (const signal of SIGNALS.filter((name) => name in constants.signals)) {
    watched.set(constants.signals[signal], new WatchedSignal(signal, Handle, end))
  }
  const all = [...watched.values()]
  const of = (event: unknown): WatchedSignal | undefined => all.find(({ signal }) => signal === event)
  around('newListener', 'startListeningIfSignal', (event, whatNodeDoes) => {
    whatNodeDoes()
    of(event)?.stop()
  })
  around('removeListener', 'stopListeningIfSignal', (event, whatNodeDoes) => {
    if (process.listenerCount(event) === 0) of(event)?.start()
    whatNodeDoes()
  })
  endInsideKill(watched)
  // Delayed to the first turn of the event loop: a script that computes from its first line on must stay stoppable by
  // Ctrl-C.
  setImmediate(() => {
    for (const signal of all) if (process.listenerCount(signal.signal) === 0 && !isCaught(signal.signal)) signal.start()
  }).unref()
}

class WatchedSignal {
  readonly signal: NodeJS.Signals
  readonly #Handle: new () => SignalHandle
  readonly #atEnd: () => void
  #handle: SignalHandle | undefined
  #isOver = false

  constructor(signal: NodeJS.Signals, Handle: new () => SignalHandle, atEnd: () => void) {
    this.signal = signal
    this.#Handle = Handle
    this.#atEnd = atEnd
  }

  start(): void {
    if (this.#handle !== undefined || this.#isOver) return
    const handle = new this.#Handle()
    handle.unref()
    handle.onsignal = () => {
      if (process.listenerCount(this.signal) === 0) kill(process.pid, this.signal)
    }
    if (handle.start(constants.signals[this.signal]) === 0) this.#handle = handle
    else handle.close()
  }

  /** Restores the signal's default, or whatever the app does with it. */
  stop(): void {
    this.#handle?.close()
    this.#handle = undefined
  }

  /** Runs `atEnd` before the signal ends the process, unless the app listens for it. */
  end(): void {
    if (process.listenerCount(this.signal) > 0) return
    this.#isOver = true
    this.#atEnd()
    this.stop()
  }
}

/**
 * A process that signals itself (or its group) ends inside the call and runs nothing after it. With a handle it would
 * continue until its event loop sees the signal, so `atEnd` runs inside the call. Every `process.kill()` goes through
 * `_kill`.
 */
function endInsideKill(watched: ReadonlyMap<unknown, WatchedSignal>): void {
  const raw = process as unknown as { _kill(pid: unknown, signal: unknown): number }
  const { _kill } = raw
  raw._kill = standIn(_kill, function (this: NodeJS.Process, pid: unknown, signal: unknown): number {
    if (pid === process.pid || pid === 0) watched.get(signal)?.end()
    return Reflect.apply(_kill, this, [pid, signal]) as number
  })
}

const kill = process.kill.bind(process)

type SignalListener = (event: string) => void

/**
 * Wraps the listener of this name, one of those by which Node.js opens and closes signal handles as the app adds and
 * removes listeners. The app's own listeners of these events are not called for ours, and their number does not change.
 */
function around(
  event: 'newListener' | 'removeListener',
  name: string,
  work: (event: NodeJS.Signals, whatNodeDoes: () => void) => void,
): void {
  const events = (
    process as unknown as { readonly _events: Record<string, SignalListener | SignalListener[] | undefined> }
  )._events
  const listeners = events[event]
  const list = typeof listeners === 'function' ? [listeners] : listeners
  const at = list?.findIndex((listener) => listener.name === name) ?? -1
  const original = list?.[at]
  if (original === undefined) return
  const ours: SignalListener = standIn(original, (signal: string) =>
    work(signal as NodeJS.Signals, () => original(signal)),
  )
  if (Array.isArray(listeners)) listeners[at] = ours
  else events[event] = ours
}

/** Signals that addons often handle: to take heap snapshots, to dump stacks. */
const ADDONS_CATCH: readonly NodeJS.Signals[] = ['SIGQUIT', 'SIGUSR2']

/** Returns whether native code handles the signal already, so that it does not end the process. Linux only. */
function isCaught(signal: NodeJS.Signals): boolean {
  if (process.platform !== 'linux' || !ADDONS_CATCH.includes(signal)) return false
  let status: string
  try {
    status = readFileSync('/proc/self/status', 'latin1')
  } catch {
    // There is no /proc, or Node's permission model forbids reading it: the signal is left alone.
    return true
  }
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'
  return ((BigInt(`0x${caught}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n
}
