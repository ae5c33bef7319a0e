import type { Attributes } from '@opentelemetry/api'

type Headers = (name: string) => unknown

/**
 * Returns a reader of the headers that an option names, as attributes `http.<of>.header.<name>`, each a list of
 * strings; undefined if the option names none. Semantic conventions, http/http-spans.
 */
export function headerCapture(
  of: 'request' | 'response',
  names: readonly string[] | undefined,
): ((headers: Headers, into: Attributes) => void) | undefined {
  if (names === undefined || names.length === 0) return undefined
  const attributeNames = names.map((name) => [name.toLowerCase(), `http.${of}.header.${name.toLowerCase()}`] as const)
  return (headers, into) => {
    for (const [name, attribute] of attributeNames) {
      const value = headers(name)
      if (value !== undefined) into[attribute] = (Array.isArray(value) ? value : [value]).map(String)
    }
  }
}
