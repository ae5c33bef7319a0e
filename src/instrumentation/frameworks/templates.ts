/** What an app gives as a path: a pattern, a regular expression, or several of them, nested at will. */
export type RoutePath = string | RegExp | readonly RoutePath[]

/** The entries of a path, in the order in which they are tried. */
export function entriesOf(path: unknown): readonly (string | RegExp)[] {
  if (Array.isArray(path)) return path.flatMap(entriesOf)
  return typeof path === 'string' || path instanceof RegExp ? [path] : []
}

/** A path as it is shown: patterns as they are written, regular expressions between slashes. */
export function templateOf(path: string | RegExp): string {
  return typeof path === 'string' ? path : String(path)
}

/** The template of a router's mount and of what is in it: `/api/` and `/users/:id` are `/api/users/:id`, `/api` and `/` are `/api`. */
export function joinTemplates(mount: string, inner: string): string {
  const prefix = mount.endsWith('/') ? mount.slice(0, -1) : mount
  if (prefix === '') return inner
  if (inner === '/' || inner === '') return prefix
  return inner.startsWith('/') ? prefix + inner : `${prefix}/${inner}`
}
