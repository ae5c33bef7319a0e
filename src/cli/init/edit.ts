/** What becomes of one file's text: pure, so that a run that only shows does the same as one that writes. */
export type Edit =
  | {
      readonly text: string
      readonly summary: string
      readonly notes?: readonly string[]
      /** What stands at the end now, where the rest may hold secrets and is not shown. */
      readonly appended?: string
    }
  /** It is there already, or not wanted. */
  | { readonly unchanged: string; readonly notes?: readonly string[] }
  /** Not understood: the file stays as it is, and the user is told why. */
  | { readonly refused: string; readonly notes?: readonly string[] }

/** Line ends of a text: what is added to it has the same. */
export function lineEndOf(text: string): '\r\n' | '\n' {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

const BYTE_ORDER_MARK = '\uFEFF'

/** Splits off a byte order mark, which editors of Windows put before a text and parsers stumble over. */
export function withoutMark(text: string): { readonly mark: string; readonly body: string } {
  return text.startsWith(BYTE_ORDER_MARK) ? { mark: BYTE_ORDER_MARK, body: text.slice(1) } : { mark: '', body: text }
}
