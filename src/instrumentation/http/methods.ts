/** Semantic conventions, HTTP: the methods of RFC 9110 and RFC 5789, and QUERY. */
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
  /** As an attribute: `_OTHER` for one that is not known. */
  readonly attribute: string
  /** In a span's name: `HTTP` for one that is not known. */
  readonly name: string
  /** As it was sent, where that is something else. */
  readonly original: string | undefined
}

/** What a method is in spans and metrics. Those that are known are found as the same object each time. */
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
