const MAX_FRAMES = 20
/** Deeper stacks are not counted. */
const MAX_COUNTED_FRAMES = 200

type AnyFunction = (...args: never[]) => unknown

/**
 * Returns what `read` makes of the stack of the caller, at most 20 frames, the caller's own first. Returns undefined
 * under --frozen-intrinsics, where V8's frames cannot be had.
 */
export function readCallSites<Result>(read: (frames: readonly NodeJS.CallSite[]) => Result): Result | undefined {
  return readBelow(readCallSites, MAX_FRAMES, read)
}

/**
 * Returns the number of frames between the running functions `outer` and `inner`, including that of `outer`. Returns
 * undefined if `outer` is not running, or if that cannot be known.
 */
export function framesAbove(outer: AnyFunction, inner: AnyFunction): number | undefined {
  const depthBelow = (running: AnyFunction): number => readBelow(running, MAX_COUNTED_FRAMES, lengthOf) ?? 0
  const depth = depthBelow(inner)
  const outerDepth = depthBelow(outer)
  return outerDepth === 0 || depth === MAX_COUNTED_FRAMES ? undefined : depth - outerDepth
}

const lengthOf = (frames: readonly NodeJS.CallSite[]): number => frames.length

/** Reads the frames below that of a running function. */
function readBelow<Result>(
  running: AnyFunction,
  maxFrames: number,
  read: (frames: readonly NodeJS.CallSite[]) => Result,
): Result | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error
  let result: Result | undefined
  try {
    Reflect.set(Error, 'stackTraceLimit', maxFrames)
    Reflect.set(Error, 'prepareStackTrace', (_: Error, frames: readonly NodeJS.CallSite[]) => {
      result = read(frames)
    })
    const captured = {}
    Error.captureStackTrace(captured, running)
    // V8 prepares the stack when it is first read.
    Reflect.get(captured, 'stack')
    return result
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace)
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}
