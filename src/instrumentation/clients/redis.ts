import { watchMethod } from '../pools/watched-class.ts'
import { redisText } from '../../privacy/redis.ts'
import { isSetInfo, statusCodeOf } from '../operations/redis-commands.ts'
import type { Client } from '../operations/client.ts'
import type { PoolReader } from '../pools/pool-reader.ts'

const REDIS: PoolReader = {
  packageName: '@redis/client',
  files: ['@redis/client/dist/lib/client/pool.js'],
  create(exports, found) {
    watchMethod(exports.RedisClientPool.prototype, 'connect', (pool: any) => found(pool._self ?? pool))
    return exports
  },
  read: (pool) =>
    pool.isOpen === true
      ? { name: 'redis', used: pool.clientsInUse, idle: pool.idleClients, pending: pool.tasksQueueLength }
      : undefined,
}

export const client: Client = {
  defaults: { dbStatementSerializer: redisText },
  operations: {
    statusCodeOf,
    isHidden: isSetInfo,
    requiresParentSpan: false,
    leftOut: new Set(['redis-connect']),
  },
  pools: [REDIS],
}
