/**
 * Whether timers and sockets of the export keep the process alive. They may do so in the export worker and on the
 * command line. In the app's own thread, only the app decides when the process ends.
 */
let keepsAlive = true

/** Makes all further handles of the export unreferenced, so that none keeps the process alive. */
export function unrefHandles(): void {
  keepsAlive = false
}

/** Returns the handle, unreferenced where handles must not keep the process alive. */
export function withRefPolicy<Handle extends { unref(): unknown }>(handle: Handle): Handle {
  if (!keepsAlive) handle.unref()
  return handle
}
