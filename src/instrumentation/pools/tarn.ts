import type { PoolState } from './pool-reader.ts'

/** Reads tarn's pool, which knex and mssql use. */
export function ofTarn(pool: any): Omit<PoolState, 'name'> {
  return { used: pool.numUsed(), idle: pool.numFree(), pending: pool.numPendingAcquires(), max: pool.max }
}
