import { createHook } from 'node:async_hooks'

/** Node's own handle of a signal (src/signal_wrap.cc), as far as it is used here. */
export interface SignalHandle {
  onsignal: () => void
  /** 0, or an error code of the system. */
  start(signal: number): number
  close(): void
  unref(): void
}

/** Ignored by default, so that nothing happens while its handle is there. */
const HARMLESS = 'SIGWINCH'

function nothing(): void {}

/**
 * The class of Node's handles for signals. A listener of `process` would be one of those that the app counts, removes and
 * calls with `process.emit()`; a handle of our own is none of its business. Nothing exports the class, but an async hook sees the
 * handle that Node makes for a listener. Undefined: Node has changed, and signals are not watched.
 */
export function signalHandleClass(): (new () => SignalHandle) | undefined {
  let made: object | undefined
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'SIGNALWRAP') made = resource
    },
  }).enable()
  process.on(HARMLESS, nothing)
  process.off(HARMLESS, nothing)
  hook.disable()
  return made?.constructor as (new () => SignalHandle) | undefined
}
