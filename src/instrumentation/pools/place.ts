/** Returns `host:port/database`, without the parts that are missing. */
export function placeOf(host: unknown, port: unknown, database: unknown): string {
  const place = host === undefined ? [] : [port === undefined ? host : `${host}:${port}`]
  return [...place, database].filter((part) => typeof part === 'string').join('/')
}
