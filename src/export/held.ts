/**
 * Whether timers and sockets of the export hold the process. In the export worker and on the command line they may; in the
 * app's own thread the app alone decides when it ends.
 */
let holds = true

export function holdNothing(): void {
  holds = false
}

export function held<Handle extends { unref(): unknown }>(handle: Handle): Handle {
  if (!holds) handle.unref()
  return handle
}
