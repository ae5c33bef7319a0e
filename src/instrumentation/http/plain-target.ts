/** Path and query as the properties of a URL. */
export interface Target {
  readonly pathname: string
  readonly search: string
}

/**
 * A path without dot segments and a query, of characters that stand for themselves (https://url.spec.whatwg.org, the path and
 * the query percent-encode set): the parser of URLs gives them as they are.
 */
const PLAIN = /^((?:\/(?![/.]|%2[eE])[\w~!$&'()*+,;=:@%.-]*)+)(\?[\w~!$&()*+,;=:@%./?|^{}[\]-]*)?$/

/** Undefined: only the parser of URLs can tell. */
export function plainTarget(url: string | undefined): Target | undefined {
  const match = url === undefined ? null : PLAIN.exec(url)
  if (match === null) return undefined
  const [, pathname = '', search = ''] = match
  return { pathname, search: search === '?' ? '' : search }
}
