/** A string with the colon that makes it a name, one that is cut, a number or a word. */
const TOKEN = /"(?:[^"\\]|\\[^])*"(\s*:)?|"(?:[^"\\]|\\[^])*\\?$|[\w.+-]+/g

/** A query in JSON with `"?"` for each value; the names of members stay. Twice is as good as once. */
export function sanitizeJsonQuery(query: string): string {
  return query.replaceAll(TOKEN, (token, colon: string | undefined) => (colon === undefined ? '"?"' : token))
}

/** Whether a statement of a search engine is JSON, and not one of its query languages. */
export function isJsonQuery(statement: string): boolean {
  return /^\s*[{[]/.test(statement)
}
