import { context, type Context, type ContextManager } from '@opentelemetry/api'

interface Entering {
  /** Ours. */
  enter?(entered: Context): void
  /** That of OpenTelemetry's Node.js SDK and of those built on it. */
  readonly _asyncLocalStorage?: { enterWith(entered: Context): void }
}

/**
 * Makes a context the active one for what runs next in this callback of node's and for all that follows from it, without a
 * function around that: what the app throws has nothing of ours in its stack.
 */
export function enterContext(entered: Context): void {
  enterIn((context as unknown as { _getContextManager(): ContextManager })._getContextManager(), entered)
}

/** `manager`: ours, or that of another SDK. */
export function enterIn(manager: ContextManager, entered: Context): void {
  const { enter, _asyncLocalStorage: storage } = manager as Entering
  if (enter !== undefined) enter.call(manager, entered)
  else storage?.enterWith(entered)
}
