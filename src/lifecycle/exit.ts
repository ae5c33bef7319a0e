import { standIn } from '../base/stand-in.ts'

type Listener = (...args: unknown[]) => void
type Events = Record<string, Listener | Listener[] | undefined>

/** The parts of `process` that Node itself looks up when it ends. */
interface Raw {
  reallyExit(code: number): never
  readonly _exiting?: boolean
  _events: Events
  _eventsCount: number
}

/**
 * Runs `atEnd`, which does not throw, after the app's own `exit` listeners, which may still end spans. A listener from the
 * start would run before them and be one of those that the app finds, and a wrapper of `process.emit()` would be in the stack
 * of everything that a listener throws and in the way of mocks. So ours joins the others when `process.emit('exit')` looks for them.
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
  // Also how a listener that calls process.exit() again, and tools that skip the event, leave.
  const { reallyExit } = raw
  raw.reallyExit = standIn(reallyExit, function (this: NodeJS.Process, code: number): never {
    atEnd()
    return Reflect.apply(reallyExit, this, [code]) as never
  })
}

/** As `process.on('exit', …)` does, which would tell the app's `newListener` listeners as well (lib/events.js). */
function append(raw: Raw, events: Events, listener: Listener): void {
  const { exit } = events
  if (exit === undefined) {
    events['exit'] = listener
    // Only the removal of listeners asks for the count, and a frozen `process` keeps its own.
    if (!Object.isFrozen(process)) raw._eventsCount++
  } else {
    events['exit'] = typeof exit === 'function' ? [exit, listener] : [...exit, listener]
  }
}
