import { watchedClass, watchedFunction, watchedMember, watchMethod } from './watched-class.ts'

/** What a pool of connections is, at the moment. */
export interface PoolState {
  /** `db.client.connection.pool.name`. */
  readonly name: string
  readonly used: number
  readonly idle: number
  /** Who waits for a connection. Undefined: not known. */
  readonly pending: number | undefined
  /** Undefined: not known, or without a limit. */
  readonly max?: number | undefined
}

/** How the pools of one client are found and read. */
export interface PoolReader {
  /** Files of the package of which each may define the pool, none: its main one. `create` makes of its exports such as call `found`. */
  readonly packageName: string
  readonly files: readonly string[]
  readonly create: (exports: any, found: (pool: object) => void) => unknown
  /** Undefined: it is closed, or not open yet. */
  readonly read: (pool: any) => PoolState | undefined
}

const MYSQL: PoolReader = {
  packageName: 'mysql',
  files: ['mysql/lib/Pool.js'],
  create: watchedFunction,
  read: mysqlPool,
}

const MYSQL2: PoolReader = {
  packageName: 'mysql2',
  // Since 3.11 in the first.
  files: ['mysql2/lib/base/pool.js', 'mysql2/lib/pool.js'],
  create: watchedClass,
  read: mysqlPool,
}

const MONGODB: PoolReader = {
  packageName: 'mongodb',
  files: ['mongodb/lib/cmap/connection_pool.js'],
  create: watchedMember('ConnectionPool'),
  read: (pool) =>
    pool.closed === true
      ? undefined
      : {
          name: String(pool.address),
          used: pool.currentCheckedOutCount,
          idle: pool.availableConnectionCount,
          pending: pool.waitQueueSize,
          max: pool.options?.maxPoolSize || undefined,
        },
}

/** By pool: one that has closed its idle connections keeps the name. */
const namesOfPg = new WeakMap<object, string>()

/** Its instrumentation tells of a pool when a connection is taken, not when it is given back, and knows no place from a connection string. */
const PG: PoolReader = {
  packageName: 'pg-pool',
  files: [],
  create(exports, found) {
    watchMethod((exports.default ?? exports).prototype, 'newClient', found)
    return exports
  },
  read(pool) {
    if (pool.ended) return undefined
    const { host, port, database } = pool._clients[0] ?? {}
    if (host !== undefined) namesOfPg.set(pool, placeOf(host, port, database))
    return {
      name: namesOfPg.get(pool) ?? 'pg',
      used: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      pending: pool.waitingCount,
      max: pool.options.max,
    }
  },
}

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

/** A connection to each node, shared by all who send commands: one with commands under way is in use. */
const IOREDIS_CLUSTER: PoolReader = {
  packageName: 'ioredis',
  files: ['ioredis/built/cluster/index.js'],
  create: watchedMember('default'),
  read(cluster) {
    if (cluster.status === 'end') return undefined
    const nodes: any[] = cluster.nodes()
    const open = nodes.filter(({ status }) => status === 'ready')
    const used = open.filter(({ commandQueue }) => commandQueue.length > 0).length
    const pending = nodes.reduce((sum, { offlineQueue }) => sum + offlineQueue.length, cluster.offlineQueue.length)
    return { name: placeOfNode(cluster.startupNodes[0]), used, idle: open.length - used, pending }
  },
}

/** A connection of its driver carries many requests at once. */
const CASSANDRA: PoolReader = {
  packageName: 'cassandra-driver',
  files: ['cassandra-driver/lib/host-connection-pool.js'],
  create: watchedClass,
  read(pool) {
    if (pool.isClosing()) return undefined
    const used = pool.connections.filter((connection: any) => connection.getInFlight() > 0).length
    const idle = pool.connections.length - used
    return { name: String(pool._address), used, idle, pending: undefined, max: pool.coreConnectionsLength }
  },
}

/** Over tedious, which has none itself; tarn's pool is there while it is connected. */
const MSSQL: PoolReader = {
  packageName: 'mssql',
  files: ['mssql/lib/base/connection-pool.js'],
  create: watchedClass,
  read: ({ pool, config: { server, port, database } }) =>
    pool ? { name: placeOf(server, port ?? 1433, database), ...ofTarn(pool) } : undefined,
}

const KNEX: PoolReader = {
  packageName: 'knex',
  files: ['knex/lib/client.js'],
  create(exports, found) {
    const { initializePool } = exports.prototype
    exports.prototype.initializePool = function (...args: unknown[]) {
      const result = initializePool.apply(this, args)
      if (this.pool) found(this)
      return result
    }
    return exports
  },
  read({ pool, connectionSettings: { host, port, database, filename } = {} as any }) {
    return pool ? { name: placeOf(host, port, database ?? filename) || 'knex', ...ofTarn(pool) } : undefined
  },
}

/** Of whatever the app keeps in it: it does not say. */
const GENERIC_POOL: PoolReader = {
  packageName: 'generic-pool',
  files: ['generic-pool/lib/Pool.js'],
  create: watchedClass,
  read: ({ _draining, size, borrowed, available, pending, max }) =>
    _draining === true && size === 0
      ? undefined
      : { name: 'generic-pool', used: borrowed, idle: available, pending, max },
}

/** Sequelize's, over drivers that it asks for single connections. */
const SEQUELIZE_POOL: PoolReader = {
  packageName: 'sequelize-pool',
  files: ['sequelize-pool/lib/Pool.js'],
  create: watchedMember('Pool'),
  read: ({ _draining, name, size, using, available, waiting, maxSize }) =>
    _draining === true && size === 0
      ? undefined
      : { name: String(name ?? 'sequelize'), used: using, idle: available, pending: waiting, max: maxSize },
}

/** By the short name of the instrumentation that they are found with. `oracledb` tells of its pools itself. */
export const POOLS: Readonly<Record<string, readonly PoolReader[]>> = {
  'cassandra-driver': [CASSANDRA],
  'generic-pool': [GENERIC_POOL, SEQUELIZE_POOL],
  ioredis: [IOREDIS_CLUSTER],
  knex: [KNEX],
  mongodb: [MONGODB],
  mysql: [MYSQL],
  mysql2: [MYSQL2],
  pg: [PG],
  redis: [REDIS],
  tedious: [MSSQL],
}

function ofTarn(pool: any): Omit<PoolState, 'name'> {
  return { used: pool.numUsed(), idle: pool.numFree(), pending: pool.numPendingAcquires(), max: pool.max }
}

/** `host:port/database`, of what there is. */
function placeOf(host: unknown, port: unknown, database: unknown): string {
  const place = host === undefined ? [] : [port === undefined ? host : `${host}:${port}`]
  return [...place, database].filter((part) => typeof part === 'string').join('/')
}

/** As the app names one: a port, an object or a URL, whose credentials are not shown. */
function placeOfNode(node: any): string {
  if (typeof node === 'number') return `127.0.0.1:${node}`
  if (typeof node === 'object') return `${node.host ?? '127.0.0.1'}:${node.port ?? 6379}`
  const { hostname, port } = new URL(/^rediss?:/.test(node) ? node : `redis://${node}`)
  return `${hostname}:${port || 6379}`
}

function mysqlPool(pool: any): PoolState | undefined {
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
