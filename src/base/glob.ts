/**
 * Returns whether `text` matches `pattern`, in which `*` is any run of characters. Runs in linear time, since a path
 * may come from an attacker.
 */
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

/** Returns a matcher for host names. A pattern is compared with both `host` and `host:port`, ignoring case. */
export function hostMatcher(patterns: readonly string[]): (authority: string) => boolean {
  const lower = patterns.map((pattern) => pattern.toLowerCase())
  return (authority) => {
    const full = authority.toLowerCase()
    const host = full.replace(/:\d+$/, '')
    return lower.some((pattern) => matchesGlob(pattern, host) || matchesGlob(pattern, full))
  }
}
