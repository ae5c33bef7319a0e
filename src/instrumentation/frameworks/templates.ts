/** A path as an app specifies it: a pattern, a regular expression, or an array of these, nested to any depth. */
export type RoutePath = string | RegExp | readonly RoutePath[]

/** Returns the entries of a path, in the order in which they are tried. */
export function entriesOf(path: unknown): readonly (string | RegExp)[] {
  if (Array.isArray(path)) return path.flatMap(entriesOf)
  return typeof path === 'string' || path instanceof RegExp ? [path] : []
}

/** Returns a path as it is displayed: patterns as written, regular expressions between slashes. */
export function templateOf(path: string | RegExp): string {
  return typeof path === 'string' ? path : String(path)
}

/**
 * Joins the template of a mount and of a route in it: `/api/` and `/users/:id` become `/api/users/:id`, `/api` and `/`
 * become `/api`.
 */
export function joinTemplates(mount: string, inner: string): string {
  const prefix = mount.endsWith('/') ? mount.slice(0, -1) : mount
  if (prefix === '') return inner
  if (inner === '/' || inner === '') return prefix
  return inner.startsWith('/') ? prefix + inner : `${prefix}/${inner}`
}
