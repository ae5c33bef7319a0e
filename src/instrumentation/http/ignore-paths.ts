import { matchesGlob } from '../../base/glob.ts'

/** Implements `OBS_IGNORE_PATHS`. Only the path is compared, without the query. */
export function ignoreIncoming(patterns: readonly string[]): (request: { readonly url?: string }) => boolean {
  return ({ url = '/' }) => {
    const [path = ''] = url.split('?', 1)
    return patterns.some((pattern) => matchesGlob(pattern, path))
  }
}
