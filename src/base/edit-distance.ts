/**
 * Returns the candidate with the fewest edits, or the first of several. Returns undefined when each needs more than
 * `maxEdits`.
 */
export function nearest(text: string, candidates: Iterable<string>, maxEdits: number): string | undefined {
  let best: string | undefined
  let bestEdits = maxEdits + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - text.length) > maxEdits) continue
    const edits = editDistance(text, candidate)
    if (edits >= bestEdits) continue
    best = candidate
    bestEdits = edits
  }
  return best
}

/** Returns the Levenshtein distance of two short texts. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const substituted = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1)
      current.push(Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[right.length] ?? 0
}
