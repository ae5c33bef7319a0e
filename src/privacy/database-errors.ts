const MAX_MESSAGE_CHARS = 4096

/**
 * The message of a database's error without the values that it repeats (`Duplicate entry 'bob@example.com' for key …`): what stands in
 * quotes goes, unless the sanitized statement has it too, which makes it a name.
 */
export function sanitizeDatabaseError(message: string, sanitizedStatement: string): string {
  const text = message.slice(0, MAX_MESSAGE_CHARS)
  const first = text.search(/['"`({[]/)
  if (first === -1) return text
  if (!isWellQuoted(text)) return `${text.slice(0, first)}?`
  return text.replaceAll(
    /(['"`])(.*?)\1|\(([^()]*)\)|\{[^{}]*\}|\[[^[\]]*\]/gs,
    (quoted, quote: string, inner: string) => (quote !== undefined && isName(inner, sanitizedStatement) ? quoted : '?'),
  )
}

/**
 * A stack without values: its frames stay, and what stands before, between and behind them is text. It begins with the message that
 * the error had when it was made, which query builders change afterwards.
 */
export function sanitizeStack(stack: string, sanitize: (text: string) => string): string {
  return stack.replaceAll(/^(?![ \t]+at ).+(?:\n(?![ \t]+at ).+)*/gm, sanitize)
}

/** Quotes inside of quoted values make it unknowable where the value ends. */
function isWellQuoted(text: string): boolean {
  return ["'", '"', '`'].every((quote) => {
    const parts = text.split(quote)
    return parts.length % 2 === 1 && parts.slice(1, -1).every((part) => part !== '')
  })
}

function isName(word: string, sanitizedStatement: string): boolean {
  if (!/^[\p{L}_][\p{L}\p{N}_$.]*$/u.test(word)) return false
  const last = word.split('.').at(-1) as string
  return new RegExp(`(?<![\\p{L}\\p{N}_$])${last.replaceAll('$', '\\$')}(?![\\p{L}\\p{N}_$])`, 'u').test(
    sanitizedStatement,
  )
}
