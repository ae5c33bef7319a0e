/** Lookahead and backreferences, which RE2 does not support. */
const BACKTRACKS = /\(\?[=!]|\\[1-9]|\\k</

/**
 * Returns whether an expression needs a backtracking engine and contains a nested repetition (`(a+)+`): a text of a few
 * dozen characters can then keep it busy forever.
 */
export function mayNeverEnd(source: string): boolean {
  return BACKTRACKS.test(source) && hasNestedRepetition(source)
}

function hasNestedRepetition(source: string): boolean {
  /** For each open group, whether it contains an unbounded repetition. */
  const groups: boolean[] = [false]
  let inClass = false
  for (let at = 0; at < source.length; at++) {
    const char = source[at] as string
    if (char === '\\') at += 1
    else if (inClass) inClass = char !== ']'
    else if (char === '[') inClass = true
    else if (char === '(') groups.push(false)
    else if (isUnbounded(source, at)) groups[groups.length - 1] = true
    else if (char === ')') {
      const repeats = groups.pop() === true
      const isRepeated = isUnbounded(source, at + 1)
      if (repeats && isRepeated) return true
      if (groups.length > 0 && (repeats || isRepeated)) groups[groups.length - 1] = true
    }
  }
  return false
}

function isUnbounded(source: string, at: number): boolean {
  return source[at] === '*' || source[at] === '+' || /^\{\d+,\}/.test(source.slice(at, at + 24))
}
