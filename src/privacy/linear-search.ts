/** Shorter needles are searched by the engine, whose worst case is bounded by their length. */
const SHORT_CHARS = 16

/**
 * Replaces each `needle` in a text, in time linear in the lengths of both. The engine's own search compares up to
 * `needle.length` characters at each position, which the authors of both texts could provoke.
 */
export function replaceLinear(text: string, needle: string, replacement: string): string {
  if (needle === '' || needle.length > text.length) return text
  if (needle.length <= SHORT_CHARS) return text.replaceAll(needle, () => replacement)
  if (!mayContain(text, needle)) return text
  return replaceAt(text, searchLinear(text, needle).positions, needle.length, replacement)
}

/** Returns whether a text contains the beginning of `needle`. Few texts do that contain nothing else of it. */
export function mayContain(text: string, needle: string): boolean {
  return text.includes(needle.slice(0, SHORT_CHARS))
}

/** Replaces `chars` characters at each position. */
export function replaceAt(text: string, positions: readonly number[], chars: number, replacement: string): string {
  let replaced = ''
  let from = 0
  for (const at of positions) {
    replaced += text.slice(from, at) + replacement
    from = at + chars
  }
  return from === 0 ? text : replaced + text.slice(from)
}

export interface Occurrences {
  /** Ascending, without overlaps. */
  readonly positions: readonly number[]
  /** The length of the longest beginning of the needle that the text ends with; 0 if there is none. */
  readonly endChars: number
}

/** Finds a `needle` that is not empty, by the algorithm of Knuth, Morris and Pratt. */
export function searchLinear(text: string, needle: string): Occurrences {
  const borders = bordersOf(needle)
  const positions: number[] = []
  let matched = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    while (matched > 0 && unit !== needle.charCodeAt(matched)) matched = borders[matched - 1] ?? 0
    if (unit === needle.charCodeAt(matched)) matched += 1
    if (matched < needle.length) continue
    positions.push(at + 1 - matched)
    matched = 0
  }
  return { positions, endChars: matched }
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
