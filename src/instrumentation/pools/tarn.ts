import type { PoolState } from './pool-reader.ts'

/** tarn's pool, which knex and mssql keep their connections in. */
export function ofTarn(pool: any): Omit<PoolState, 'name'> {
  return { used: pool.numUsed(), idle: pool.numFree(), pending: pool.numPendingAcquires(), max: pool.max }
}
