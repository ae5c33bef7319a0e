/** Shorter needles are left to the engine, whose worst case is bounded by their length. */
const SHORT_CHARS = 16

/**
 * `text` with each `needle` in it replaced, in time that is linear in both. The engine's own search compares up to
 * `needle.length` characters at each place, which senders of both texts can bring about.
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

/** Knuth, Morris and Pratt: where `needle` begins, without overlaps. */
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

/** For each prefix, how long the longest proper prefix is that it also ends with. */
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
