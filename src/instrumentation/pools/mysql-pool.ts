import type { PoolState } from './pool-reader.ts'

/** Reads the pool of mysql; mysql2's has the same fields. */
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
