import { mysqlPool } from '../pools/mysql-pool.ts'
import { watchedFunction } from '../pools/watched-class.ts'
import type { Client } from '../operations/client.ts'
import type { PoolReader } from '../pools/pool-reader.ts'

const MYSQL: PoolReader = {
  packageName: 'mysql',
  files: ['mysql/lib/Pool.js'],
  create: watchedFunction,
  read: mysqlPool,
}

export const client: Client = {
  operations: {},
  pools: [MYSQL],
}
