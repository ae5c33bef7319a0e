import type { ResolveFnOutput } from 'node:module'
import { isOwnWrapper, withoutOwnMark } from './wrapper-marks.ts'

/**
 * Gives `import.meta.resolve()` the URL of the module and not the one of its wrapper. A resolve hook hears of both kinds of
 * resolutions in the same way, and only the stack tells them apart; it is read for wrapped modules alone.
 */
export function withoutWrapper(resolved: ResolveFnOutput): ResolveFnOutput {
  if (!isOwnWrapper(resolved.url) || !isForImportMetaResolve()) return resolved
  return { ...resolved, url: withoutOwnMark(resolved.url) }
}

/** Its function is `resolve` in lib/internal/modules/esm/initialize_import_meta.js, and in loader.js from Node 26 on. */
function isForImportMetaResolve(): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 20
    Error.prepareStackTrace = (_, frames) =>
      frames.some((frame) => {
        const file = frame.getFileName() ?? ''
        return (
          file.startsWith('node:internal/modules/esm/') &&
          frame.getTypeName() === 'Object' &&
          frame.getFunctionName() === 'resolve'
        )
      })
    return (new Error('where is this called from?') as unknown as { readonly stack: boolean }).stack
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}
