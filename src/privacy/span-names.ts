/** `user:password@` of a URL. */
const CREDENTIALS = /\/\/[^/?#]*@/
/** A query with at least one value; `/users/:id?` and `/colou?r` are templates of routes. */
const QUERY = /\?[\w.%[\]-]+=/
const PARAMETERS = /;[\w.%-]+=[^/?]*/g

/**
 * The name of a span or an event without what may be secret in a URL, or distinguish each from the next: its credentials, its
 * query and the parameters of its path. Libraries that trace themselves write such names (`fetch GET http://…?token=…`).
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
