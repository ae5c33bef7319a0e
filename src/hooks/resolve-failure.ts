import { sep } from 'node:path'

/** Frames of Node.js and of ours between `require()` and the resolution, when there is a resolve hook. */
const OF_HOOKS = /\(node:internal\/modules\/customization_hooks:|\bat defaultResolve \(node:internal\/modules\/cjs\//
const FRAME = /^\s+at /

/**
 * Restores the stack of `Cannot find module`, which usually serves to find where it was required. It ends inside the
 * hooks: their frames are removed, and the app's frames that did not fit are added. Must be called by the hook that
 * caught the error.
 */
export function restored(thrown: unknown, { parentURL }: { readonly parentURL?: string | undefined }): unknown {
  // Packages probe for optional ones, a dozen times in some starts, and do not read the stack.
  if (parentURL?.includes('/node_modules/') !== true) restoreStack(thrown)
  return thrown
}

function restoreStack(thrown: unknown): void {
  try {
    const { stackTraceLimit } = Error
    const stack: unknown = thrown instanceof Error ? thrown.stack : undefined
    if (typeof stack !== 'string' || !(stackTraceLimit > 0)) return
    const lines = stack.split('\n')
    const first = lines.findIndex((line) => FRAME.test(line))
    if (first === -1) return
    const own = lines.findIndex((line) => isOwn(line))
    const above = lines.slice(first, own === -1 ? undefined : own)
    const frames = [...above, ...framesFromHere(stackTraceLimit)].filter((line) => !isOwn(line) && !OF_HOOKS.test(line))
    const value = [...lines.slice(0, first), ...frames.slice(0, stackTraceLimit)].join('\n')
    Object.defineProperty(thrown, 'stack', { value, configurable: true, enumerable: false, writable: true })
  } catch {
    // An app may have frozen errors, or have its own way to print them.
  }
}

function isOwn(line: string): boolean {
  return line.includes(__dirname + sep)
}

function framesFromHere(limit: number): string[] {
  const here: { stack?: unknown } = {}
  try {
    Error.stackTraceLimit = limit + 10
    Error.captureStackTrace(here)
    return String(here.stack)
      .split('\n')
      .filter((line) => FRAME.test(line))
  } finally {
    Error.stackTraceLimit = limit
  }
}
