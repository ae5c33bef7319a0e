import type { ResolveFnOutput } from 'node:module'
import { readCallSites } from '../base/call-sites.ts'
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
  return readCallSites((frames) => frames.some(isItsResolve)) === true
}

function isItsResolve(frame: NodeJS.CallSite): boolean {
  return (
    frame.getFileName()?.startsWith('node:internal/modules/esm/') === true &&
    frame.getTypeName() === 'Object' &&
    frame.getFunctionName() === 'resolve'
  )
}
