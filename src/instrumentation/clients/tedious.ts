import { placeOf } from '../pools/place.ts'
import { ofTarn } from '../pools/tarn.ts'
import { foundBy } from '../pools/watch-method.ts'
import type { Client } from '../operations/client.ts'
import type { PoolReader } from '../pools/pool-reader.ts'

/** The pool of mssql. tedious itself has none; the pool (of tarn) exists while mssql is connected. */
const MSSQL: PoolReader = {
  packageName: 'mssql',
  files: ['mssql/lib/base/connection-pool.js'],
  create: foundBy((exports) => exports, 'connect'),
  read: ({ pool, config: { server, port, database } }) =>
    pool ? { name: placeOf(server, port ?? 1433, database), ...ofTarn(pool) } : undefined,
}

export const client: Client = {
  operations: {},
  pools: [MSSQL],
}
