import { foundBy } from '../pools/watch-method.ts'
import type { Client } from '../operations/client.ts'
import type { PoolReader } from '../pools/pool-reader.ts'

/** A pool that the app fills with objects of any kind; it has no name. */
const GENERIC_POOL: PoolReader = {
  packageName: 'generic-pool',
  files: ['generic-pool/lib/Pool.js'],
  create: foundBy((exports) => exports, 'start'),
  read: ({ _draining, size, borrowed, available, pending, max }) =>
    _draining === true && size === 0
      ? undefined
      : { name: 'generic-pool', used: borrowed, idle: available, pending, max },
}

/** The pool of Sequelize, over drivers that open single connections for it. */
const SEQUELIZE_POOL: PoolReader = {
  packageName: 'sequelize-pool',
  files: ['sequelize-pool/lib/Pool.js'],
  create: foundBy((exports) => exports.Pool, 'acquire'),
  read: ({ _draining, name, size, using, available, waiting, maxSize }) =>
    _draining === true && size === 0
      ? undefined
      : { name: String(name ?? 'sequelize'), used: using, idle: available, pending: waiting, max: maxSize },
}

export const client: Client = {
  pools: [GENERIC_POOL, SEQUELIZE_POOL],
}
