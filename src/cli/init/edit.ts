/**
 * The result of editing a file's text. Edits are free of side effects, so that a dry run does the same as a real one.
 */
export type Edit = {
  readonly notes?: readonly string[]
  /** The services of a compose file that are to be started, as they are named there. */
  readonly services?: readonly string[]
  /** The page that one of them publishes for people to open first. */
  readonly page?: string | undefined
} & (
  | {
      readonly text: string
      readonly summary: string
      /** The appended text, for files whose other content may contain secrets and is not shown. */
      readonly appended?: string
    }
  /** Nothing has to be changed: it is already there, or not wanted. */
  | { readonly unchanged: string }
  /** The file could not be understood and is not changed; the reason is shown. */
  | { readonly refused: string }
)

/** Returns the line ending of a text, for use in what is added to it. */
export function lineEndOf(text: string): '\r\n' | '\n' {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

const BYTE_ORDER_MARK = '\uFEFF'

/** Splits off a byte order mark, which some Windows editors write and which parsers reject. */
export function withoutMark(text: string): { readonly mark: string; readonly body: string } {
  return text.startsWith(BYTE_ORDER_MARK) ? { mark: BYTE_ORDER_MARK, body: text.slice(1) } : { mark: '', body: text }
}
