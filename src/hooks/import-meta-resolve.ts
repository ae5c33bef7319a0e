import type { ResolveFnOutput } from 'node:module'
import { isOwnWrapper, withoutOwnMark } from './wrapper-marks.ts'

/**
 * Makes `import.meta.resolve()` return the URL of the module instead of its wrapper's. A resolve hook cannot
 * distinguish the two kinds of resolution except by the stack, which is read only for wrapped modules.
 */
export function withoutWrapper(resolved: ResolveFnOutput): ResolveFnOutput {
  if (!isOwnWrapper(resolved.url) || !isForImportMetaResolve()) return resolved
  return { ...resolved, url: withoutOwnMark(resolved.url) }
}

/**
 * The calling function is `resolve` in lib/internal/modules/esm/initialize_import_meta.js, or in loader.js from Node 26
 * on.
 */
function isForImportMetaResolve(): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    // Under --frozen-intrinsics, neither can be set, and `stack` is a text.
    Reflect.set(Error, 'stackTraceLimit', 20)
    Reflect.set(Error, 'prepareStackTrace', (_: Error, frames: readonly NodeJS.CallSite[]) =>
      frames.some((frame) => {
        const file = frame.getFileName() ?? ''
        return (
          file.startsWith('node:internal/modules/esm/') &&
          frame.getTypeName() === 'Object' &&
          frame.getFunctionName() === 'resolve'
        )
      }),
    )
    return (new Error('caller') as { readonly stack?: unknown }).stack === true
  } finally {
    Reflect.set(Error, 'prepareStackTrace', prepareStackTrace)
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}
