/**
 * import-in-the-middle tells the URL of a wrapper from that of the module in it by the query `iitm`. An app can have one of its
 * own (a left-over `--experimental-loader=@opentelemetry/instrumentation/hook.mjs`, another agent), and of two that use one
 * mark each takes the other's wrappers for its own and wraps nothing. So Node and other hooks see our wrappers under a mark of
 * ours, while our copy of import-in-the-middle sees its mark on our wrappers alone.
 */
const OWN = 'obs-iitm'
/** The other one's mark where it must not be recognised: in the URL of our wrapper around its wrapper, and inside our copy. */
const HIDDEN = 'obs-other-iitm'
const MARK = /([?&])(obs-other-iitm|obs-iitm|iitm)=/g

/** The URL of one of our wrappers, and not of somebody's wrapper around it. */
export function isOwnWrapper(url: string): boolean {
  return hasMark(url, OWN) && !hasMark(url, 'iitm')
}

/** The URL of a wrapper of another import-in-the-middle. */
export function isOthersWrapper(url: string): boolean {
  return hasMark(url, 'iitm')
}

function hasMark(url: string, mark: string): boolean {
  return url.includes('iitm=') && (url.includes(`?${mark}=`) || url.includes(`&${mark}=`))
}

/** What our copy of import-in-the-middle is given for a URL of Node's. */
export function toCopy(url: string): string {
  if (!url.includes('iitm=')) return url
  const own = isOwnWrapper(url)
  return url.replace(MARK, (_, before: string, mark: string) => {
    if (mark === 'iitm') return `${before}${HIDDEN}=`
    return `${before}${mark === OWN && own ? 'iitm' : mark}=`
  })
}

/** What Node is given for a URL of our copy's: the reverse. */
export function toNode(url: string): string {
  if (!url.includes('iitm=')) return url
  const own = hasMark(url, 'iitm')
  return url.replace(MARK, (_, before: string, mark: string) => {
    if (mark === 'iitm') return `${before}${OWN}=`
    return `${before}${mark === HIDDEN && !own ? 'iitm' : mark}=`
  })
}

/** The same for the imports in a source that our copy wrote, or wrote a line into. */
export function sourceToNode(source: string, isWrapper: boolean): string {
  if (!source.includes('iitm=')) return source
  const urls = isWrapper ? /(?<=\bfrom |^import )"[^"\n]*iitm=[^"\n]*"/gm : /(?<=^import )"[^"\n]*[?&]iitm=bindings"$/gm
  return source.replace(urls, toNode)
}

/** Without the marks of wrappers of ours. */
export function withoutOwnMark(url: string): string {
  return isOwnWrapper(url)
    ? toNode(
        toCopy(url)
          .replace(/([?&])iitm=\w+&?/, '$1')
          .replace(/[?&]$/, ''),
      )
    : url
}
