/** `host:port/database`, of what there is. */
export function placeOf(host: unknown, port: unknown, database: unknown): string {
  const place = host === undefined ? [] : [port === undefined ? host : `${host}:${port}`]
  return [...place, database].filter((part) => typeof part === 'string').join('/')
}
