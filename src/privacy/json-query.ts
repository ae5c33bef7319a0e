/** Matches a string with the colon that makes it a name, a truncated string, a number or a word. */
const TOKEN = /"(?:[^"\\]|\\[^])*"(\s*:)?|"(?:[^"\\]|\\[^])*\\?$|[\w.+-]+/g

/** Returns a JSON query with `"?"` for each value and its member names. Idempotent. */
export function sanitizeJsonQuery(query: string): string {
  return query.replaceAll(TOKEN, (token, colon: string | undefined) => (colon === undefined ? '"?"' : token))
}

/** Returns whether a statement for a search engine is JSON and not one of its query languages. */
export function isJsonQuery(statement: string): boolean {
  return /^\s*[{[]/.test(statement)
}
