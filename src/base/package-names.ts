/**
 * Returns the package of a specifier: `pg` for `pg` and `pg/lib/client`, `@redis/client` for `@redis/client/dist`.
 * Returns undefined for paths, URLs, `node:http` and `#imports`.
 */
export function packageOfSpecifier(specifier: string): string | undefined {
  const first = specifier.charCodeAt(0)
  if (first === 46 /* . */ || first === 47 /* / */ || first === 35 /* # */) return undefined
  const slash = specifier.indexOf('/')
  if (slash === -1) return specifier.includes(':') ? undefined : specifier
  if (first !== 64 /* @ */) return specifier.slice(0, slash).includes(':') ? undefined : specifier.slice(0, slash)
  const second = specifier.indexOf('/', slash + 1)
  return second === -1 ? specifier : specifier.slice(0, second)
}

const NODE_MODULES = '/node_modules/'

/**
 * Returns the path within the last `node_modules` of a file's URL or path with slashes, such as `pg/lib/client.js`;
 * undefined outside of one.
 */
export function pathInNodeModules(url: string): string | undefined {
  const at = url.lastIndexOf(NODE_MODULES)
  return at === -1 ? undefined : url.slice(at + NODE_MODULES.length)
}

/** Returns the package that a resolved file belongs to. */
export function packageOfUrl(url: string): string | undefined {
  const path = pathInNodeModules(url)
  return path === undefined ? undefined : packageOfSpecifier(path)
}

/** Returns `http` for both `node:http` and `http`. */
export function builtinName(specifier: string): string {
  return specifier.startsWith('node:') ? specifier.slice(5) : specifier
}
