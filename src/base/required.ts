import type { ResolveHookSync } from 'node:module'
import { asPlugnplayRequires } from './plug-n-play.ts'

/** The most frames of Node.js and of ours that a resolve hook puts between `require()` and the resolution. */
const FRAMES_OF_HOOKS = 10

/**
 * Resolves what is required. Node.js finds the requiring file for `Cannot find module` from the stack, which therefore
 * gets room for the frames of the hooks. The error is not caught and rethrown, because Node.js would then show the line
 * that rethrows it.
 */
export const required: ResolveHookSync = (specifier, context, nextResolve) => {
  const { stackTraceLimit } = Error
  const raises = stackTraceLimit > 0 && isLimitWritable()
  if (raises) Error.stackTraceLimit = stackTraceLimit + FRAMES_OF_HOOKS
  try {
    return nextResolve(specifier, asPlugnplayRequires(context))
  } finally {
    if (raises) Error.stackTraceLimit = stackTraceLimit
  }
}

/** An app may have frozen `Error`. */
function isLimitWritable(): boolean {
  return Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')?.writable === true
}

/** Returns whether a resolution is for `require()`: the conditions are a Set for CommonJS in Node.js 22.15. */
export function isRequire(conditions: Iterable<string> | undefined): boolean {
  for (const condition of conditions ?? []) if (condition === 'require') return true
  return false
}
