/**
 * Adds two sums so that the result does not depend on order or grouping: next to each sum stands its rounding error
 * (Knuth's two-sum). A sum over processes then neither depends on which answers first nor decreases in its last digit,
 * which a scraper would take for a restart.
 */
export function addExactly(row: number[], other: readonly number[], at: number): void {
  const a = row[at] ?? 0
  const b = other[at] ?? 0
  const sum = a + b
  if (!Number.isFinite(sum)) {
    row[at] = sum
    row[at + 1] = 0
    return
  }
  const taken = sum - a
  const lost = a - (sum - taken) + (b - taken) + ((row[at + 1] ?? 0) + (other[at + 1] ?? 0))
  row[at] = sum + lost
  row[at + 1] = lost - ((row[at] ?? 0) - sum)
}
