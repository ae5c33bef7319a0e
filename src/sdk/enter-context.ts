import { context, type Context, type ContextManager } from '@opentelemetry/api'

interface Entering {
  /** Of our own manager. */
  enter?(entered: Context): void
  /** Of the manager of OpenTelemetry's Node.js SDK and of SDKs built on it. */
  readonly _asyncLocalStorage?: { enterWith(entered: Context): void }
}

/**
 * Makes a context active for the rest of this callback of Node.js and for everything that follows from it. No function
 * is put around that, so errors that the app throws have none of our frames in their stack.
 */
export function enterContext(entered: Context): void {
  enterIn((context as unknown as { _getContextManager(): ContextManager })._getContextManager(), entered)
}

/** Enters a context in our manager or in that of another SDK. */
export function enterIn(manager: ContextManager, entered: Context): void {
  const { enter, _asyncLocalStorage: storage } = manager as Entering
  if (enter !== undefined) enter.call(manager, entered)
  else storage?.enterWith(entered)
}
