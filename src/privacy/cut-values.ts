/**
 * The longest text on a span that the app did not write itself: attributes of instrumentations, and messages and stacks
 * of errors. A driver may record a whole document, and a collector rejects batches of more than 4 MiB.
 */
export const MAX_VALUE_CHARS = 16_384

export function cutText(text: string): string {
  return text.length > MAX_VALUE_CHARS ? text.slice(0, MAX_VALUE_CHARS) : text
}

/** Truncates an attribute's value. The limit applies to the sum of a list's texts. */
export function cutValue(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value)
  if (!Array.isArray(value)) return value
  const texts = value as unknown[]
  let room = MAX_VALUE_CHARS
  for (const text of texts) if (typeof text === 'string') room -= text.length
  return room >= 0 ? value : cutList(texts)
}

function cutList(values: readonly unknown[]): unknown[] {
  const kept: unknown[] = []
  let room = MAX_VALUE_CHARS
  for (const value of values) {
    if (room <= 0) break
    const text = typeof value === 'string' ? value.slice(0, room) : value
    if (typeof text === 'string') room -= text.length
    kept.push(text)
  }
  return kept
}

/** Returns whether a scope belongs to an instrumentation, whose attributes are truncated. */
export function isInstrumentation(scope: string): boolean {
  return scope.startsWith('@opentelemetry/instrumentation') || scope.startsWith('@paxx/obs/')
}
