type Emit = (this: unknown, event: unknown, ...args: unknown[]) => boolean

/**
 * Runs `atEnd`, which does not throw, when a listener of `uncaughtException` throws: node ends then without asking anything of ours
 * any more. Where the app has such a listener, `process.emit()` is watched for the one call that tells it.
 */
export function watchExceptionHandlers(atEnd: () => void): void {
  process.on('uncaughtExceptionMonitor', () => {
    // Thrown by a listener of `exit`: the one that comes after the app's may not have its turn.
    if ((process as { readonly _exiting?: boolean })._exiting === true) atEnd()
    if (process.listenerCount('uncaughtException') > 0) watchNextEmit(atEnd)
  })
}

/** From its call on, or when somebody else sets it, `process.emit` is what it was. */
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
    // Not caught: what is thrown once more is shown where that was.
    try {
      const heard = emit.call(this, event, ...args)
      hasThrown = false
      return heard
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

/** Stacks as they are without us: node shows the one of what a listener throws. Returns how to undo that. */
function hideFrames(): () => void {
  const { stackTraceLimit, prepareStackTrace } = Error
  if (process.sourceMapsEnabled || !(stackTraceLimit > 0)) return () => {}
  const prepare: NonNullable<typeof prepareStackTrace> = (error, frames) => {
    const rest = frames.filter((frame) => frame.getFileName() !== __filename).slice(0, stackTraceLimit)
    if (prepareStackTrace !== undefined) return prepareStackTrace.call(Error, error, rest) as unknown
    return [Error.prototype.toString.call(error), ...rest].join('\n    at ')
  }
  Error.prepareStackTrace = prepare
  // Ours is one of them.
  Error.stackTraceLimit = stackTraceLimit + 1
  return () => {
    if (Error.prepareStackTrace === prepare) Error.prepareStackTrace = prepareStackTrace
    if (Error.stackTraceLimit === stackTraceLimit + 1) Error.stackTraceLimit = stackTraceLimit
  }
}
