import { createHook } from 'node:async_hooks'

/** The part of Node's own signal handle (src/signal_wrap.cc) that is used here. */
export interface SignalHandle {
  onsignal: () => void
  /** Returns 0 or a system error code. */
  start(signal: number): number
  close(): void
  unref(): void
}

/** A signal that is ignored by default, so that its handle changes nothing. */
const HARMLESS = 'SIGWINCH'

function nothing(): void {}

/**
 * Returns the class of Node's signal handles; undefined when this Node.js differs, and signals are then not watched. A
 * listener on `process` would be visible to the app, which counts and removes listeners and calls them with
 * `process.emit()`; a handle is not. Nothing exports the class, but an async hook receives the handle that Node.js
 * creates for a listener.
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
