import { RE2JS } from 're2js'

/**
 * RE2 for JavaScript, in a chunk of its own: only who sets expressions in `OBS_REDACT` needs it.
 */

/** A global search and replace in time that is linear in the text. */
export interface LinearExpression {
  /** Whether it matches anywhere. Costs about one unit a character. */
  test(text: string): boolean
  /** Costs about 32 units a character. */
  replace(text: string, replacement: string): string
}

/** Makes one of an expression; undefined where it knows none. */
export type CompileLinear = (source: string, flags: string) => LinearExpression | undefined

/** Undefined where the expression has what no linear engine has: lookahead, backreferences, repetitions above 1000. */
export function linearExpression(source: string, flags: string): LinearExpression | undefined {
  try {
    const expression = RE2JS.compile(translated(source), flagsOf(flags))
    return {
      test: (text) => expression.test(text),
      replace: (text, replacement) => expression.matcher(text).replaceAll(replacement),
    }
  } catch {
    return undefined
  }
}

/** Throws on `v`, whose sets of characters RE2 does not know. */
function flagsOf(flags: string): number {
  if (flags.includes('v')) throw new SyntaxError('v')
  return (
    RE2JS.LOOKBEHINDS |
    (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.includes('m') ? RE2JS.MULTILINE : 0) |
    (flags.includes('s') ? RE2JS.DOTALL : 0)
  )
}

/** JavaScript's `\s` has more than RE2's, which is ASCII. */
const SPACES = String.raw`\s\v\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`

function translated(source: string): string {
  let inClass = false
  const spaced = source.replaceAll(/\\[^]|[[\]]/g, (part) => {
    if (part === '[') inClass = true
    else if (part === ']') inClass = false
    return part === String.raw`\s` ? (inClass ? SPACES : `[${SPACES}]`) : part
  })
  return RE2JS.translateRegExp(spaced)
}
