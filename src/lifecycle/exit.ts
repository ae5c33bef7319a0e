type Listener = (...args: unknown[]) => void

/** The parts of `process` that node itself looks up when it ends. */
interface Raw {
  emit: unknown
  reallyExit(code: number): never
  readonly _exiting?: boolean
  readonly _events: Record<string, Listener | Listener[] | undefined>
  _eventsCount: number
}

/**
 * Runs `atEnd`, which does not throw, after the app's own `exit` listeners, which may still end spans. A listener from the
 * start would run before them and be one of those that the app finds, and a wrapper of `process.emit()` would be in the stack
 * of everything that a listener throws. So ours joins the others when node asks for `process.emit` to tell the exit.
 */
export function watchExit(atEnd: () => void): void {
  const raw = process as unknown as Raw
  const { reallyExit } = raw
  let { emit } = raw
  let joined = false
  Object.defineProperty(process, 'emit', {
    configurable: true,
    get() {
      if (raw._exiting !== true) return emit
      // Asked for again, most likely to tell of an exception in one of the listeners, and ours may not have its turn.
      if (joined) atEnd()
      else append(raw, atEnd)
      joined = true
      return emit
    },
    set(value: unknown) {
      emit = value
    },
  })
  // Also how a listener that calls process.exit() again, and tools that skip the event, leave.
  raw.reallyExit = function (this: NodeJS.Process, code: number): never {
    atEnd()
    return Reflect.apply(reallyExit, this, [code]) as never
  }
}

/** As `process.on('exit', …)` does, which would tell the app's `newListener` listeners as well (lib/events.js). */
function append(raw: Raw, listener: Listener): void {
  const { exit } = raw._events
  if (exit === undefined) {
    raw._events['exit'] = listener
    raw._eventsCount++
  } else {
    raw._events['exit'] = typeof exit === 'function' ? [exit, listener] : [...exit, listener]
  }
}
