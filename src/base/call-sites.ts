const MAX_FRAMES = 20

/**
 * Returns what `read` makes of the stack of the caller, at most 20 frames, the caller's own first. Returns undefined
 * under --frozen-intrinsics, where V8's frames cannot be had.
 */
export function readCallSites<Result>(read: (frames: readonly NodeJS.CallSite[]) => Result): Result | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error
  let result: Result | undefined
  try {
    Reflect.set(Error, 'stackTraceLimit', MAX_FRAMES)
    Reflect.set(Error, 'prepareStackTrace', (_: Error, frames: readonly NodeJS.CallSite[]) => {
      result = read(frames)
    })
    const captured = {}
    Error.captureStackTrace(captured, readCallSites)
    // V8 prepares the stack when it is first read.
    Reflect.get(captured, 'stack')
    return result
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace)
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}
