import { matchesGlob } from '../../base/glob.ts'

/** `OBS_IGNORE_PATHS`: the path alone counts, without its query. */
export function ignoreIncoming(patterns: readonly string[]): (request: { readonly url?: string }) => boolean {
  return ({ url = '/' }) => {
    const [path = ''] = url.split('?', 1)
    return patterns.some((pattern) => matchesGlob(pattern, path))
  }
}
