/**
 * The most that a span has of a text that an app did not write itself: the attributes of instrumentations, and the messages and stacks of
 * errors. A driver may put a whole document there, and a collector refuses a batch of more than 4 MiB.
 */
export const MAX_VALUE_CHARS = 16_384

export function cutText(text: string): string {
  return text.length > MAX_VALUE_CHARS ? text.slice(0, MAX_VALUE_CHARS) : text
}

/** Cuts an attribute's value; of a list the texts count together. */
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

/** Whether the spans of a scope are an instrumentation's, whose attributes are cut. */
export function isInstrumentation(scope: string): boolean {
  return scope.startsWith('@opentelemetry/instrumentation') || scope.startsWith('@paxx/obs/')
}
