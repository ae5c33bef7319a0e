import type { PoolState } from './pool-reader.ts'

/** The pool of mysql, whose fields mysql2 has taken over. */
export function mysqlPool(pool: any): PoolState | undefined {
  if (pool._closed === true) return undefined
  const { host, port, database, socketPath } = pool.config.connectionConfig
  const idle = pool._freeConnections.length
  return {
    name: `${socketPath ?? `${host}:${port}`}${database === undefined ? '' : `/${database}`}`,
    used: pool._allConnections.length - idle,
    idle,
    pending: pool._connectionQueue.length,
    max: pool.config.connectionLimit || undefined,
  }
}
