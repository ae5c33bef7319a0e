import { patchMethod } from '../operations/patch.ts'
import { placeOf } from '../pools/place.ts'
import { ofTarn } from '../pools/tarn.ts'
import type { Client } from '../operations/client.ts'
import type { PoolReader } from '../pools/pool-reader.ts'

const KNEX: PoolReader = {
  packageName: 'knex',
  files: ['knex/lib/client.js'],
  create(exports, found) {
    patchMethod(
      exports.prototype,
      'initializePool',
      (original) =>
        function () {
          const result = original.apply(this, arguments as never)
          if (this.pool) found(this)
          return result
        },
    )
    return exports
  },
  read({ pool, connectionSettings: { host, port, database, filename } = {} as any }) {
    return pool ? { name: placeOf(host, port, database ?? filename) || 'knex', ...ofTarn(pool) } : undefined
  },
}

export const client: Client = {
  operations: {
    requiresParentSpan: false,
    drivers: { postgresql: 'pg', mysql: 'mysql', mysql2: 'mysql2', mssql: 'tedious', oracledb: 'oracledb' },
    systems: {
      'better-sqlite3': 'sqlite',
      mssql: 'microsoft.sql_server',
      mysql2: 'mysql',
      oracledb: 'oracle.db',
      pgnative: 'postgresql',
    },
  },
  pools: [KNEX],
}
