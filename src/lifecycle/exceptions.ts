type Emit = (this: unknown, event: unknown, ...args: unknown[]) => boolean

/**
 * Runs `atEnd`, which must not throw, when a listener of `uncaughtException` throws: Node.js then exits without running
 * any further listener. While the app has such a listener, `process.emit()` is wrapped for the one call that runs it.
 */
export function watchExceptionHandlers(atEnd: () => void): void {
  process.on('uncaughtExceptionMonitor', () => {
    // The error was thrown by an `exit` listener, so the listeners after it (ours among them) may not run.
    if ((process as { readonly _exiting?: boolean })._exiting === true) atEnd()
    try {
      if (process.listenerCount('uncaughtException') > 0) watchNextEmit(atEnd)
    } catch {
      // `process` is frozen. An exception in this listener would change the exit code.
    }
  })
}

/** Wraps `process.emit` until it is called or assigned. */
function watchNextEmit(atEnd: () => void): void {
  const before = Object.getOwnPropertyDescriptor(process, 'emit')
  const emit = process.emit as Emit
  const restore = (): void => {
    if (before === undefined) Reflect.deleteProperty(process, 'emit')
    else Object.defineProperty(process, 'emit', before)
  }
  const watched: Emit = function (event, ...args) {
    restore()
    if (event !== 'uncaughtException') return emit.call(this, event, ...args)
    const showFrames = hideFrames()
    let hasThrown = true
    // The error is not caught, because rethrowing it would change the place that Node.js shows for it.
    try {
      const hadListeners = emit.call(this, event, ...args)
      hasThrown = false
      return hadListeners
    } finally {
      if (hasThrown) atEnd()
      else showFrames()
    }
  }
  Object.defineProperty(process, 'emit', {
    configurable: true,
    get: () => watched,
    set(value: unknown) {
      restore()
      process.emit = value as typeof process.emit
    },
  })
}

/**
 * Hides our frames from stacks while a listener runs, since Node.js prints the stack of what it throws. Returns a
 * function that undoes this.
 */
function hideFrames(): () => void {
  const { stackTraceLimit, prepareStackTrace } = Error
  if (process.sourceMapsEnabled || !(stackTraceLimit > 0)) return () => {}
  const prepare: NonNullable<typeof prepareStackTrace> = (error, frames) => {
    const rest = frames.filter((frame) => frame.getFileName() !== __filename).slice(0, stackTraceLimit)
    if (prepareStackTrace !== undefined) return prepareStackTrace.call(Error, error, rest) as unknown
    return [Error.prototype.toString.call(error), ...rest].join('\n    at ')
  }
  // Under --frozen-intrinsics, neither can be set.
  Reflect.set(Error, 'prepareStackTrace', prepare)
  // One of the frames is ours.
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit + 1)
  return () => {
    if (Error.prepareStackTrace === prepare) Error.prepareStackTrace = prepareStackTrace
    if (Error.stackTraceLimit === stackTraceLimit + 1) Error.stackTraceLimit = stackTraceLimit
  }
}
