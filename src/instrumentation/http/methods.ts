/** The methods of RFC 9110 and RFC 5789, and QUERY. Semantic conventions, http/http-spans. */
const KNOWN_METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'QUERY',
]

export interface Method {
  /** The attribute's value; `_OTHER` for an unknown method. */
  readonly attribute: string
  /** The method in a span's name; `HTTP` for an unknown method. */
  readonly name: string
  /** The method as it was sent, if it differs. */
  readonly original: string | undefined
}

/** Maps methods to their form in spans and metrics. A known method always gives the same object. */
export class Methods {
  readonly #known: ReadonlyMap<string, Method>

  constructor(known: readonly string[] = KNOWN_METHODS) {
    this.#known = new Map(known.map((name) => [name, { attribute: name, name, original: undefined }]))
  }

  of(sent: string): Method {
    const known = this.#known.get(sent)
    if (known !== undefined) return known
    const upper = this.#known.get(sent.toUpperCase())
    return upper === undefined ? { attribute: '_OTHER', name: 'HTTP', original: sent } : { ...upper, original: sent }
  }
}
