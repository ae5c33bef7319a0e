import { foundBy } from '../pools/watch-method.ts'
import type { Client } from '../operations/client.ts'
import type { PoolReader } from '../pools/pool-reader.ts'

/** A connection of this driver carries many requests at the same time. */
const CASSANDRA: PoolReader = {
  packageName: 'cassandra-driver',
  files: ['cassandra-driver/lib/host-connection-pool.js'],
  create: foundBy((exports) => exports, 'borrowConnection'),
  read(pool) {
    if (pool.isClosing()) return undefined
    const used = pool.connections.filter((connection: any) => connection.getInFlight() > 0).length
    const idle = pool.connections.length - used
    return { name: String(pool._address), used, idle, pending: undefined, max: pool.coreConnectionsLength }
  },
}

export const client: Client = {
  operations: { operationOf: (spanName) => spanName.slice('cassandra-driver.'.length) },
  pools: [CASSANDRA],
}
