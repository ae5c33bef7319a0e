/** Gives `own`, which replaces a function of the runtime, that function's name and length. */
export function standIn<Own extends (...args: never[]) => unknown>(
  original: (...args: never[]) => unknown,
  own: Own,
): Own {
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(own, key, { configurable: true, value: original[key] })
  }
  return own
}
