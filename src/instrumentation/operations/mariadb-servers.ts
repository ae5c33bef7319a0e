import type { Span } from '@opentelemetry/api'
import { operationAttributes, type OperationFacts, spanNameOf } from './attributes.ts'
import type { ClientTracer } from './client-tracer.ts'
import { endFailed } from './failure.ts'
import { verbOf } from './verb.ts'

export type MariadbServer = Pick<OperationFacts, 'namespace' | 'address' | 'port'>

/** The server of each pool and connection. */
export const mariadbServers: WeakMap<object, MariadbServer> = new WeakMap()

export function startMariadb(facts: OperationFacts, tracer: ClientTracer, batch?: unknown): Span {
  const verb = verbOf(facts.statement)
  const size = Array.isArray(batch) ? batch.length : 0
  const isBatch = size > 1 && verb !== undefined
  const all: OperationFacts = {
    ...facts,
    operation: isBatch ? `BATCH ${verb}` : verb,
    ...(isBatch && { more: { 'db.operation.batch.size': size } }),
  }
  return tracer.start(spanNameOf(all), operationAttributes(all))
}

export function mariadbFactsOf(target: object): OperationFacts {
  return { system: 'mariadb', ...mariadbServers.get(target) }
}

export function mariadbTextOf(sql: any): unknown {
  return typeof sql === 'object' && sql !== null ? sql.sql : sql
}

/** Accepts the options as an object or as text: `mariadb://user:password@host:port/database`. */
export function serverOfOptions(options: any): MariadbServer {
  if (typeof options === 'string') {
    if (!URL.canParse(options)) return {}
    const { hostname, port, pathname } = new URL(options)
    return { address: hostname || 'localhost', port: port || 3306, namespace: decodeURIComponent(pathname.slice(1)) }
  }
  const { host, port, database, socketPath } = Object(options)
  if (typeof socketPath === 'string') return { address: socketPath, namespace: database }
  return { address: host ?? 'localhost', port: port ?? 3306, namespace: database }
}

/** Error codes from 45000 on belong to the connector. */
const FIRST_OF_CONNECTOR = 45_000

export function failMariadb(span: Span, error: any): void {
  const errno: unknown = Object(error).errno
  const isServers = typeof errno === 'number' && errno > 0 && errno < FIRST_OF_CONNECTOR
  endFailed(span, error, { statusCode: isServers ? String(errno) : undefined })
}
