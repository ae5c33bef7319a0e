/** The facts about a request to the API of Elasticsearch or OpenSearch that its path contains. */
export interface SearchPath {
  /** The name of the endpoint, as in the clients' APIs: `search`, `indices.create`. */
  readonly operation: string
  /** The index, or several separated by commas. */
  readonly index: string | undefined
  /** The path with `{id}` in place of every part that the app may have chosen. */
  readonly template: string
}

/** The endpoints of an index itself. */
const INDICES: ReadonlySet<string> = new Set(
  (
    '_alias _aliases _analyze _block _cache _clone _close _data_stream _flush _forcemerge _index_template _mapping ' +
    '_mappings _open _recovery _refresh _resolve _rollover _segments _settings _shard_stores _shrink _split _stats _template'
  ).split(' '),
)
/** The segment after these names the endpoint. */
const GROUPS: ReadonlySet<string> = new Set(
  '_cat _cluster _nodes _ingest _snapshot _tasks _security _ilm _ml'.split(' '),
)
const DOCUMENT: Readonly<Record<string, string>> = { GET: 'get', HEAD: 'exists', DELETE: 'delete' }
const INDEX: Readonly<Record<string, string>> = { GET: 'get', HEAD: 'exists', DELETE: 'delete' }
const WORD = /^[a-z][a-z_]{0,31}$/

/** https://www.elastic.co/docs/api/doc/elasticsearch: `/{index}/_search`, `/_cluster/health`, `/{index}/_doc/{id}`. */
export function searchPathOf(method: string, path: string): SearchPath {
  const segments = path.split('?', 1)[0]?.split('/').filter(Boolean) ?? []
  const at = segments.findIndex((segment) => segment.startsWith('_') && segment !== '_all')
  const index = at === 0 ? undefined : segments[0]
  const endpoint = at === -1 ? undefined : segments[at]
  const group = endpoint !== undefined && GROUPS.has(endpoint) ? segments[at + 1] : undefined
  const known = at === -1 ? segments.slice(0, 1) : segments.slice(0, at + (group === undefined ? 1 : 2))
  const rest = segments.slice(known.length).map((segment) => (segment.startsWith('_') ? segment : '{id}'))
  return {
    operation: operationOf(method, endpoint, group, index),
    index: index === undefined ? undefined : decoded(index),
    template: `/${[...known, ...rest].join('/')}`,
  }
}

function operationOf(
  method: string,
  endpoint: string | undefined,
  group: string | undefined,
  index: string | undefined,
) {
  if (endpoint === undefined) {
    if (index === undefined) return method === 'HEAD' ? 'ping' : 'info'
    return `indices.${INDEX[method] ?? 'create'}`
  }
  if (endpoint === '_doc') return DOCUMENT[method] ?? 'index'
  const name = endpoint.slice(1)
  if (!WORD.test(name)) return '_OTHER'
  if (INDICES.has(endpoint)) return `indices.${name}`
  return group !== undefined && WORD.test(group) ? `${name}.${group}` : name
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
