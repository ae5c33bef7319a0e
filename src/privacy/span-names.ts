/** Matches `user:password@` in a URL. */
const CREDENTIALS = /\/\/[^/?#]*@/
/** Matches a query with at least one value, but not `/users/:id?` and `/colou?r`, which are route templates. */
const QUERY = /\?[\w.%[\]-]+=/
const PARAMETERS = /;[\w.%-]+=[^/?]*/g

/**
 * Removes from the name of a span or an event what may be secret in a URL or makes each name unique: credentials, query
 * and path parameters. Libraries that trace themselves use such names (`fetch GET http://…?token=…`).
 */
export function scrubName(name: string): string {
  if (!name.includes('?') && !name.includes('@') && !name.includes(';')) return name
  return name.replaceAll(/\S+/g, scrubWord)
}

function scrubWord(word: string): string {
  const isUrl = word.includes('://')
  if (!isUrl && !word.includes('/')) return word
  const plain = word.replace(CREDENTIALS, '//')
  const query = isUrl ? plain.indexOf('?') : plain.search(QUERY)
  return (query === -1 ? plain : plain.slice(0, query)).replaceAll(PARAMETERS, '')
}
