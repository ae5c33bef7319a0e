const MAX_ROUTES = 20

/**
 * Accepts paths as routes where requests are handled without templates. Only the first distinct paths are accepted, so
 * that clients cannot create any number of routes.
 */
export class RawRoutes {
  readonly #seen = new Set<string>()

  /** Returns the path of a request URL, or `/*`. */
  of(url: string): string {
    const [path = ''] = url.split('?', 1)
    if (this.#seen.size < MAX_ROUTES) this.#seen.add(path)
    return this.#seen.has(path) ? path : '/*'
  }
}
