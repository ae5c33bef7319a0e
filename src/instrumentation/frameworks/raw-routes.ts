const MAX_ROUTES = 20

/**
 * Paths that stand for routes because what answers them has no templates. The first ones that are seen are kept, so that clients
 * cannot make up any others.
 */
export class RawRoutes {
  readonly #seen = new Set<string>()

  /** The path of a URL of a request, or `/*`. */
  of(url: string): string {
    const [path = ''] = url.split('?', 1)
    if (this.#seen.size < MAX_ROUTES) this.#seen.add(path)
    return this.#seen.has(path) ? path : '/*'
  }
}
