/**
 * import-in-the-middle recognises its wrappers by `iitm` in their URL. An app may have another copy (a left-over
 * `--experimental-loader=@opentelemetry/instrumentation/hook.mjs`, another agent), and two copies with the same mark
 * would take each other's wrappers for their own and wrap nothing. So Node.js and other hooks see our wrappers under
 * our own mark, while our copy of import-in-the-middle sees its mark only on our wrappers.
 */
const OWN = 'obs-iitm'
/**
 * Replaces the other copy's mark where it must not be recognised: in the URL of our wrapper around its wrapper, and
 * inside our copy.
 */
const HIDDEN = 'obs-other-iitm'
const MARK = /([?&])(obs-other-iitm|obs-iitm|iitm)=/g

/** Returns whether a URL is of one of our wrappers, and not of another's wrapper around it. */
export function isOwnWrapper(url: string): boolean {
  return hasMark(url, OWN) && !hasMark(url, 'iitm')
}

/** Returns whether a URL is of a wrapper of another import-in-the-middle. */
export function isOthersWrapper(url: string): boolean {
  return hasMark(url, 'iitm')
}

function hasMark(url: string, mark: string): boolean {
  return url.includes('iitm=') && (url.includes(`?${mark}=`) || url.includes(`&${mark}=`))
}

/** Converts a URL of Node.js for our copy of import-in-the-middle. */
export function toCopy(url: string): string {
  if (!url.includes('iitm=')) return url
  const own = isOwnWrapper(url)
  return url.replace(MARK, (_, before: string, mark: string) => {
    if (mark === 'iitm') return `${before}${HIDDEN}=`
    return `${before}${mark === OWN && own ? 'iitm' : mark}=`
  })
}

/** Converts a URL of our copy for Node.js: the reverse. */
export function toNode(url: string): string {
  if (!url.includes('iitm=')) return url
  const own = hasMark(url, 'iitm')
  return url.replace(MARK, (_, before: string, mark: string) => {
    if (mark === 'iitm') return `${before}${OWN}=`
    return `${before}${mark === HIDDEN && !own ? 'iitm' : mark}=`
  })
}

/** Converts the imports in a source that our copy has generated or added a line to. */
export function sourceToNode(source: string, isWrapper: boolean): string {
  if (!source.includes('iitm=')) return source
  const urls = isWrapper ? /(?<=\bfrom |^import )"[^"\n]*iitm=[^"\n]*"/gm : /(?<=^import )"[^"\n]*[?&]iitm=bindings"$/gm
  return source.replace(urls, toNode)
}

/** Removes the mark of our wrapper from a URL. */
export function withoutOwnMark(url: string): string {
  return isOwnWrapper(url)
    ? toNode(
        toCopy(url)
          .replace(/([?&])iitm=\w+&?/, '$1')
          .replace(/[?&]$/, ''),
      )
    : url
}
