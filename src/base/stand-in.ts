/** Gives `own`, which stands in for a function of the runtime, the name and the length of that function. */
export function standIn<Own extends (...args: never[]) => unknown>(
  original: (...args: never[]) => unknown,
  own: Own,
): Own {
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(own, key, { configurable: true, value: original[key] })
  }
  return own
}
