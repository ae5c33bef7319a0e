import { malformedUrlsIn } from '../base/credentials-in-text.ts'
import { hideUserInfo, REDACTED, scrubQuery } from './urls.ts'

/**
 * Matches a part of a text that may be a URL or its path, up to a quote or bracket, after which its query may continue.
 */
const TOKEN = /[^\s"'`<>()]+/g
/** Matches a query with parameter names, but not that of a route (`/users/:id?`) or the placeholder of a statement. */
const NAMED_QUERY = /\?[^\s?=&#/]{1,60}=/
/** Matches `#access_token=…`, but not `errors.html#err_invalid_url`. */
const NAMED_FRAGMENT = /#[\w.~%-]{1,60}=/
/** Characters that clients encode in the value of a query, so they end it. */
const AFTER_QUERY = /[\s"`<>]/
/** The closing characters that end a query as well, if the URL is enclosed in them. */
const CLOSING: Readonly<Record<string, string>> = { "'": "'", '(': ')' }
/** Schemes by which stacks name files; what follows the `?` there is the hash of a module. */
const OF_FILES = /(?:^|[^a-z])(?:file|webpack|webpack-internal|rspack|turbopack)$/
const POSITION = /:\d{1,7}:\d{1,7}$/

/**
 * Hides credentials and query values in the URLs of a text that others have written, such as the message or the stack
 * of an error. Positions after the names of files and documents are kept. Linear in the length of the text.
 */
export function scrubUrlsIn(text: string, showsQuery: boolean = false): string {
  return scrubQueriesIn(withoutMalformedQueries(hideUserInfo(text), showsQuery), showsQuery)
}

/** Hides the query of a URL that Node.js could not parse whole: blanks and quotes in it do not end it. */
function withoutMalformedQueries(text: string, showsQuery: boolean): string {
  if (showsQuery || !text.includes('?')) return text
  let shown = ''
  let from = 0
  for (const [start, end] of malformedUrlsIn(text)) {
    const query = text.slice(start, end).indexOf('?')
    if (query === -1 || !/[\s"'`<>()]/.test(text.slice(start + query, end))) continue
    shown += `${text.slice(from, start + query)}?${REDACTED}`
    from = end
  }
  return shown + text.slice(from)
}

function scrubQueriesIn(text: string, showsQuery: boolean): string {
  if (!text.includes('?') && !text.includes('#')) return text
  let scrubbed = ''
  TOKEN.lastIndex = 0
  let from = 0
  for (let token = TOKEN.exec(text); token !== null; token = TOKEN.exec(text)) {
    const offset = queryOffset(token[0])
    if (offset === -1) continue
    const start = token.index + offset
    const end = queryEnd(text, start, CLOSING[text[token.index - 1] ?? ''])
    const query = text.slice(start, end)
    const position = isFrame(text, token.index) ? (POSITION.exec(query)?.[0] ?? '') : ''
    scrubbed +=
      text.slice(from, start) + scrubBehind(query.slice(0, query.length - position.length), showsQuery) + position
    from = end
    TOKEN.lastIndex = end
  }
  return scrubbed + text.slice(from)
}

/** Returns the position of the query or fragment of a token that has to be scrubbed, or -1. */
function queryOffset(token: string): number {
  const mark = token.search(/[?#]/)
  if (mark === -1) return -1
  const scheme = Math.max(token.lastIndexOf('://', mark), token.lastIndexOf(':\\\\', mark))
  if (scheme === -1) return token.search(NAMED_QUERY)
  if (OF_FILES.test(token.slice(Math.max(0, scheme - 20), scheme))) return -1
  return token[mark] === '?' ? mark : token.search(NAMED_FRAGMENT)
}

function queryEnd(text: string, start: number, closing: string | undefined): number {
  let end = start
  while (end < text.length && text[end] !== closing && !AFTER_QUERY.test(text[end] as string)) end += 1
  return end
}

/** Matches `at render (http://localhost:5173/page.js?t=17:10:5)`, whose line and column are kept. */
function isFrame(text: string, tokenStart: number): boolean {
  return text[tokenStart - 1] === '(' || text.endsWith('at ', tokenStart)
}

/** `behind` is a query, a fragment, or both. */
function scrubBehind(behind: string, showsQuery: boolean): string {
  const hash = behind.indexOf('#')
  const query = hash === -1 ? behind : behind.slice(0, hash)
  const fragment = hash === -1 ? '' : behind.slice(hash)
  return scrubQuery(query, showsQuery) + (!showsQuery && NAMED_FRAGMENT.test(fragment) ? `#${REDACTED}` : fragment)
}
