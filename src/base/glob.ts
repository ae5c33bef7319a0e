/** Whether `text` is what `pattern` says, where `*` is any run of characters. Linear: a path may come from an attacker. */
export function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  const [first = '', ...others] = parts
  const last = others.pop()
  if (last === undefined) return pattern === text
  const end = text.length - last.length
  if (!text.startsWith(first) || !text.endsWith(last) || end < first.length) return false
  let at = first.length
  for (const part of others) {
    const found = text.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

/** For host names: a pattern is held against `host` and against `host:port`. Host names know no upper case. */
export function hostMatcher(patterns: readonly string[]): (authority: string) => boolean {
  const lower = patterns.map((pattern) => pattern.toLowerCase())
  return (authority) => {
    const full = authority.toLowerCase()
    const host = full.replace(/:\d+$/, '')
    return lower.some((pattern) => matchesGlob(pattern, host) || matchesGlob(pattern, full))
  }
}
