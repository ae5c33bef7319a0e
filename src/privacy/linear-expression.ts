import { RE2JS } from 're2js'

/** RE2 for JavaScript, in its own chunk: it is only needed for expressions in `OBS_REDACT`. */

/** A global search and replace in linear time. */
export interface LinearExpression {
  /** Returns whether the expression matches anywhere. Costs about one unit per character. */
  test(text: string): boolean
  /** Replaces all matches. Costs about 32 units per character. */
  replace(text: string, replacement: string): string
}

/** Compiles an expression; returns undefined if it is not supported. */
export type CompileLinear = (source: string, flags: string) => LinearExpression | undefined

/**
 * Returns undefined for an expression that needs backtracking: with a lookahead, a backreference, or a repetition above
 * 1000.
 */
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

/** Throws for the flag `v`, whose character sets RE2 does not support. */
function flagsOf(flags: string): number {
  if (flags.includes('v')) throw new SyntaxError('v')
  return (
    RE2JS.LOOKBEHINDS |
    (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.includes('m') ? RE2JS.MULTILINE : 0) |
    (flags.includes('s') ? RE2JS.DOTALL : 0)
  )
}

/** JavaScript's `\s` includes more than RE2's, which is ASCII only. */
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
