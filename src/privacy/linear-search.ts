/** Shorter needles are searched by the engine, whose worst case is bounded by their length. */
const SHORT_CHARS = 16

/**
 * Replaces each `needle` in a text, in time linear in the lengths of both. The engine's own search compares up to
 * `needle.length` characters at each position, which the authors of both texts could provoke.
 */
export function replaceLinear(text: string, needle: string, replacement: string): string {
  if (needle === '' || needle.length > text.length) return text
  if (needle.length <= SHORT_CHARS) return text.replaceAll(needle, () => replacement)
  if (!text.includes(needle.slice(0, SHORT_CHARS))) return text
  let replaced = ''
  let from = 0
  for (const at of occurrences(text, needle)) {
    replaced += text.slice(from, at) + replacement
    from = at + needle.length
  }
  return from === 0 ? text : replaced + text.slice(from)
}

/** Yields the positions of `needle` without overlaps, by the algorithm of Knuth, Morris and Pratt. */
function* occurrences(text: string, needle: string): Generator<number> {
  const borders = bordersOf(needle)
  let matched = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    while (matched > 0 && unit !== needle.charCodeAt(matched)) matched = borders[matched - 1] ?? 0
    if (unit === needle.charCodeAt(matched)) matched += 1
    if (matched < needle.length) continue
    yield at + 1 - matched
    matched = 0
  }
}

/** Returns, for each prefix, the length of its longest proper prefix that is also its suffix. */
function bordersOf(needle: string): Uint32Array {
  const borders = new Uint32Array(needle.length)
  let border = 0
  for (let at = 1; at < needle.length; at++) {
    const unit = needle.charCodeAt(at)
    while (border > 0 && unit !== needle.charCodeAt(border)) border = borders[border - 1] ?? 0
    if (unit === needle.charCodeAt(border)) border += 1
    borders[at] = border
  }
  return borders
}
