import { EventEmitter } from 'node:events'
import { standIn } from '../base/stand-in.ts'

type ExitListener = (...args: unknown[]) => void
type Events = Record<string, ExitListener | ExitListener[] | undefined>

/** The parts of `process` that Node.js itself uses at exit. */
interface Raw {
  reallyExit(code: number): never
  readonly _exiting?: boolean
  _events: Events
  _eventsCount: number
}

/**
 * Runs `atEnd`, which must not throw, after the app's own `exit` listeners, which may still end spans. A listener added
 * at the start would run before them and be visible to the app. A wrapper of `process.emit()` would be in the stack of
 * errors that listeners throw, and in the way of mocks. So ours is added when `process.emit('exit')` looks up the
 * listeners.
 */
export function watchExit(atEnd: () => void): void {
  const raw = process as unknown as Raw
  let { _events: events } = raw
  let isJoined = false
  Object.defineProperty(process, '_events', {
    configurable: true,
    enumerable: true,
    get() {
      if (raw._exiting === true && !isJoined) {
        isJoined = true
        append(raw, events, atEnd)
      }
      return events
    },
    set(value: Events) {
      events = value
    },
  })
  // A listener that calls process.exit() again and tools that skip the event exit through this function.
  const { reallyExit } = raw
  raw.reallyExit = standIn(reallyExit, function (this: NodeJS.Process, code: number): never {
    atEnd()
    return Reflect.apply(reallyExit, this, [code]) as never
  })
}

/** Captured before an app can replace them. */
const { on, setMaxListeners } = EventEmitter.prototype

/**
 * Adds a listener like `process.on('exit', …)`, but without notifying the app's `newListener` listeners. The list is made by an
 * emitter of our own: Node.js keeps a mark on it that says whether it is being emitted, without which a `once` listener that
 * removes itself makes the next one be skipped (lib/events.js).
 */
function append(raw: Raw, events: Events, listener: ExitListener): void {
  const { exit } = events
  const listeners = exit === undefined ? [] : typeof exit === 'function' ? [exit] : exit
  const own = new EventEmitter()
  Reflect.apply(setMaxListeners, own, [0])
  for (const each of [...listeners, listener]) Reflect.apply(on, own, ['exit', each])
  events['exit'] = (own as unknown as Pick<Raw, '_events'>)._events['exit']
  // The count is used only when listeners are removed, and a frozen `process` keeps its own.
  if (exit === undefined && !Object.isFrozen(process)) raw._eventsCount++
}
